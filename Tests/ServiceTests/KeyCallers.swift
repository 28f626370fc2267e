import EventLoop
import Synchronization
import TestSupport

/// Callers with one key, each sending heartbeats on a connection of its own, one after the other.
final class KeyCallers: Sendable {
    struct Answer: Sendable {
        /// Before the heartbeat was sent.
        var begin: ContinuousClock.Instant
        var status: Int
    }

    /// A quarter of it is PostgreSQL's, as far as the service lets it: a busy machine is not to be seen in the answers.
    static let patience = (name: "Prefer", value: "wait=60")

    private let answers: Mutex<[[Answer]]>
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
                        let begin = ContinuousClock.now
                        let status = try client.post(
                            "/tasks/\(base64("ok"))/heartbeat",
                            headers: [("Authorization", "Bearer \(key)"), Self.patience]
                        ).status
                        answers.withLock { $0[number].append(Answer(begin: begin, status: status)) }
                    }
                } catch {
                    fault.withLock { $0 = "\(error)" }
                }
            }
        }
        threads.withLock { $0 = started }
    }

    /// Waits until each has had so many more answers to heartbeats of later than a time.
    /// - Parameter meanwhile: called in between, which is to take a while.
    func awaitAnswers(
        _ count: Int, to begin: ContinuousClock.Instant = .now, meanwhile: () throws -> Void
    ) throws {
        func have() -> Bool {
            answers.withLock { $0.allSatisfy { $0.count >= count && $0[$0.count - count].begin > begin } }
        }
        while !have() {
            if let fault = fault.withLock(\.self) { throw SupportError(fault) }
            try meanwhile()
        }
    }

    /// - Returns: what each was answered, in turn.
    func finish() -> [[Answer]] {
        isFinishing.store(true, ordering: .relaxed)
        for thread in threads.withLock({ $0 }) { thread.join() }
        return answers.withLock(\.self)
    }
}
