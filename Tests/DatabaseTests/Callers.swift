import EventLoop
import class Foundation.NSCondition
import struct Foundation.Date
import Synchronization
import TestSupport

/// Callers that send heartbeats side by side, each one after another, until they are to finish.
final class Callers: Sendable {
    /// The status each request was answered with; nil where no answer came.
    private let answers = Mutex<[String: Int?]>([:])
    private let isFinishing = Atomic(false)
    private let changed = NSCondition()
    private let threads: Mutex<[Thread]> = Mutex([])

    init(_ count: Int, of stage: Stage) {
        let started = (0..<count).map { caller in
            Thread(named: "caller-\(caller)") { [self] in
                var number = 0
                while !isFinishing.load(ordering: .relaxed) {
                    number += 1
                    let id = "c\(caller).\(number)"
                    let status = try? stage.heartbeat(id).status
                    answers.withLock { $0[id] = .some(status) }
                    changed.withLock { changed.broadcast() }
                }
            }
        }
        threads.withLock { $0 = started }
    }

    /// The requests answered with 200.
    var succeeded: Set<String> {
        answers.withLock { Set($0.filter { $0.value == 200 }.keys) }
    }

    /// Waits until so many more calls have succeeded than by now.
    ///
    /// - Throws: where they have not within a time that ends a hung test.
    func awaitSuccesses(_ count: Int) throws {
        let (last, wanted) = (Date(timeIntervalSinceNow: 60), succeeded.count + count)
        try changed.withLock {
            while succeeded.count < wanted {
                guard changed.wait(until: last) else { throw SupportError("waited in vain for \(count) successes") }
            }
        }
    }

    /// Waits for all callers' last answers.
    ///
    /// - Returns: the status each request was answered with; nil where no answer came.
    func finish() -> [String: Int?] {
        isFinishing.store(true, ordering: .relaxed)
        for thread in threads.withLock({ $0 }) { thread.join() }
        return answers.withLock { $0 }
    }
}
