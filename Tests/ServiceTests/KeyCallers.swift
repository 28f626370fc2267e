import EventLoop
import Synchronization
import TestSupport

/// Callers with one key, each sending heartbeats on a connection of its own, one after the other.
final class KeyCallers: Sendable {
    private let answers: Mutex<[[Int]]>
    private let isFinishing = Atomic(false)
    private let fault = Mutex<String?>(nil)
    private let threads = Mutex<[Thread]>([])

    /// - Parameter services: each caller calls one, in turn.
    init(_ count: Int, key: String, of services: [ServiceProcess]) {
        answers = Mutex(Array(repeating: [], count: count))
        let started = (0..<count).map { number in
            Thread(named: "caller-\(number)") { [self] in
                do {
                    let client = try services[number % services.count].client()
                    while !isFinishing.load(ordering: .relaxed) {
                        let status = try client.post(
                            "/tasks/\(base64("ok"))/heartbeat", headers: [("Authorization", "Bearer \(key)")]
                        ).status
                        answers.withLock { $0[number].append(status) }
                    }
                } catch {
                    fault.withLock { $0 = "\(error)" }
                }
            }
        }
        threads.withLock { $0 = started }
    }

    /// How many answers each has had.
    var counts: [Int] { answers.withLock { $0.map(\.count) } }

    /// Waits until each has had so many more answers.
    /// - Parameter meanwhile: called in between, which is to take a while.
    func awaitAnswers(_ count: Int, meanwhile: () throws -> Void) throws {
        let marks = counts
        while zip(counts, marks).contains(where: { $0 < $1 + count }) {
            if let fault = fault.withLock(\.self) { throw SupportError(fault) }
            try meanwhile()
        }
    }

    /// - Returns: the statuses that each was answered with.
    func finish() -> [[Int]] {
        isFinishing.store(true, ordering: .relaxed)
        for thread in threads.withLock({ $0 }) { thread.join() }
        return answers.withLock(\.self)
    }
}
