import Foundation
import Synchronization
import TestSupport

/// What became of every heartbeat, on disk in the text form of PostgreSQL's COPY, and in numbers.
final class AnswerLog: Sendable {
    struct Tally: Sendable, Equatable {
        /// Answers that say that their row is kept.
        var promised = 0
        /// Answers that promise no row.
        var refused = 0
        /// The connection broke first.
        var unanswered = 0
        /// Of the last two sorts and of those that may be sent again: were sent again, once.
        var repeated = 0
        /// What can never be right, whatever has happened: an answer that is none, or somebody else's.
        var violations: [String] = []

        var all: Int { promised + refused + unanswered }
    }

    private static let violationsMax = 10

    private struct State: ~Copyable {
        var file: UnsafeMutablePointer<FILE>
        var tally = Tally()
    }

    private let directory: TemporaryDirectory
    private let state: Mutex<State>
    private let changed = NSCondition()

    init() throws {
        directory = try TemporaryDirectory("hbf-answers")
        guard let file = fopen(directory.file("answers"), "w") else { throw SupportError("fopen: errno \(errno)") }
        state = Mutex(State(file: file))
    }

    deinit {
        state.withLock { _ = fclose($0.file) }
    }

    /// A file of lines for COPY: request id, status, outcome, cancel requested. All that was noted so far is in it.
    var path: String {
        state.withLock { _ = fflush($0.file) }
        return directory.file("answers")
    }

    var tally: Tally { state.withLock { $0.tally } }

    func note(_ answer: Answer, to id: String) {
        let cancel = answer.cancelRequested.map { $0 ? "t" : "f" } ?? "\\N"
        state.withLock { state in
            if answer.isPromise { state.tally.promised += 1 } else { state.tally.refused += 1 }
            _ = fputs("\(id)\t\(answer.status)\t\(answer.outcome)\t\(cancel)\n", state.file)
        }
    }

    func noteNoAnswer(to id: String) {
        state.withLock { state in
            state.tally.unanswered += 1
            _ = fputs("\(id)\t\\N\t\\N\t\\N\n", state.file)
        }
    }

    func noteRepetition() {
        state.withLock { $0.tally.repeated += 1 }
    }

    func noteViolation(_ text: String) {
        state.withLock { state in
            if state.tally.violations.count < Self.violationsMax { state.tally.violations.append(text) }
        }
    }

    /// To be called now and then after a change: `wait` looks again.
    func announce() {
        changed.withLock { changed.broadcast() }
    }

    func wait(for what: String, within deadline: Duration, until isMet: (Tally) -> Bool) throws {
        let last = Date(timeIntervalSinceNow: deadline / .seconds(1))
        try changed.withLock {
            while !isMet(tally) {
                guard changed.wait(until: last) else { throw SupportError("waited in vain for \(what): \(tally)") }
            }
        }
    }
}
