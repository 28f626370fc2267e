import Foundation
import Synchronization
import TestSupport

/// Breaks connections of the service to PostgreSQL at a chosen moment of its next statement with rows.
final class Cuts: Sendable {
    enum Moment: CaseIterable {
        /// The server gets half of it.
        case withinStatement
        /// The server gets all of it, and nobody waits for its answer.
        case afterStatement
        /// The server has committed, and its answer does not arrive.
        case beforeAnswer
    }

    fileprivate struct State {
        var wanted: Moment?
        /// The connection whose answer does not arrive.
        var doomed: Int?
    }

    private let state = Mutex(State())
    private let changed = NSCondition()

    /// For a proxy before PostgreSQL.
    func judge(_ chunk: CuttingProxy.Chunk) -> CuttingProxy.Verdict {
        let verdict = state.withLock { $0.judge(chunk) }
        changed.withLock { changed.broadcast() }
        return verdict
    }

    /// Returns once it is done.
    func cut(_ moment: Moment) throws {
        state.withLock { $0.wanted = moment }
        let last = Date(timeIntervalSinceNow: 60)
        try changed.withLock {
            while state.withLock({ $0.wanted != nil || $0.doomed != nil }) {
                guard changed.wait(until: last) else { throw SupportError("waited in vain for a cut \(moment)") }
            }
        }
    }
}

extension Cuts.State {
    fileprivate mutating func judge(_ chunk: CuttingProxy.Chunk) -> CuttingProxy.Verdict {
        switch chunk.direction {
        case .toServer:
            // The rows name the prefix of their requests' ids.
            guard let wanted, chunk.contains(Scene.prefix) else { return .forward }
            self.wanted = nil
            switch wanted {
            case .withinStatement: return .cut(after: chunk.bytes.count / 2)
            case .afterStatement: return .cut(after: chunk.bytes.count)
            case .beforeAnswer:
                doomed = chunk.connection
                return .forward
            }
        case .toClient:
            guard chunk.connection == doomed else { return .forward }
            doomed = nil
            return .cut(after: 0)
        }
    }
}
