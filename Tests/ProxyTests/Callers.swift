import EventLoop
import class Foundation.NSCondition
import struct Foundation.Date
import Synchronization
import TestSupport

/// Callers that send heartbeats side by side, each one after another on a connection that it keeps.
final class Callers: Sendable {
    struct Tally: Sendable {
        var answered = 0
        /// What went wrong, a line each.
        var failures: [String] = []
    }

    /// A test that fails needs no more of them to be understood.
    private static let failuresMax = 20

    private let port: UInt16
    /// nil: until `finish`.
    private let heartbeatsEach: Int?
    private let tally = Mutex(Tally())
    private let isFinishing = Atomic(false)
    private let changed = NSCondition()
    private let threads: Mutex<[Thread]>

    init(_ count: Int, of name: String, port: UInt16, heartbeatsEach: Int? = nil) {
        self.port = port
        self.heartbeatsEach = heartbeatsEach
        threads = Mutex([])
        let started = (0..<count).map { number in
            Thread(named: "caller-\(number)") { [self] in call(as: "\(name)-\(number)") }
        }
        threads.withLock { $0 = started }
    }

    /// Has callers without a number of heartbeats stop, and waits for all.
    func finish() -> Tally {
        if heartbeatsEach == nil { isFinishing.store(true, ordering: .relaxed) }
        for thread in threads.withLock({ $0 }) { thread.join() }
        return tally.withLock { $0 }
    }

    /// Waits until so many more calls are answered than were by now, or a call has failed.
    func awaitAnswers(_ count: Int) {
        let (last, wanted) = (Date(timeIntervalSinceNow: 60), answered + count)
        changed.withLock {
            while tally.withLock({ $0.answered < wanted && $0.failures.isEmpty }), changed.wait(until: last) {}
        }
    }

    var answered: Int { tally.withLock { $0.answered } }

    private func call(as name: String) {
        var client: RawHTTPClient?
        var number = 0
        while number != heartbeatsEach, !isFinishing.load(ordering: .relaxed) {
            let heartbeat = Heartbeat(number, of: name)
            number += 1
            do {
                let connection = try client ?? RawHTTPClient(port: port)
                let answer = try heartbeat.send(over: connection)
                client = answer["Connection"]?.lowercased() == "close" ? nil : connection
                tally.withLock { $0.answered += 1 }
            } catch {
                client = nil
                let isEnough = tally.withLock {
                    $0.failures.append("\(heartbeat.id), \(heartbeat.form): \(error)")
                    return $0.failures.count >= Self.failuresMax
                }
                if isEnough { isFinishing.store(true, ordering: .relaxed) }
            }
            changed.withLock { changed.broadcast() }
        }
    }
}
