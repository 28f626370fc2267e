internal import Synchronization

/// How it stands with the spool; readable from any thread.
package final class SpoolStatus: Sendable {
    private let current = Mutex(SpoolSnapshot())

    package init() {}

    package var snapshot: SpoolSnapshot { current.withLock { $0 } }

    func change(_ body: (inout SpoolSnapshot) -> Void) {
        current.withLock { body(&$0) }
    }
}

package struct SpoolSnapshot: Sendable, Equatable {
    /// Durable records that are not acknowledged.
    package var records = 0
    /// Of the segments on disk, those that were set aside not among them.
    package var bytes = 0
    /// Why the last write failed; nil once one went well.
    package var fault: String?
    /// Whether the last records were refused for the limit, and nothing was deleted since.
    package var isFull = false
    /// Of unfinished writes, cut off at the start.
    package var cutOffBytes = 0
    /// Segments that are, or will be, set aside.
    package var corruptSegments = 0
    /// fdatasync(2) calls that went well.
    package var syncs = 0
}

/// What an operator is to hear of. A file is given with its directory.
package enum SpoolEvent: Sendable, Equatable {
    /// A process ended in the middle of a write: what nobody was answered for is gone.
    case cutOff(file: String, bytes: Int)
    /// The segment's whole records are replayed before it is set aside.
    case corrupt(file: String, reason: String)
    /// The corrupt segment has this name from now on, for somebody to look at.
    case setAside(file: String)
    /// Told once until a write goes well.
    case failed(String)
    case recovered
    /// Records are refused. Told once until something was deleted.
    case full
    /// A replayed segment could not be deleted or set aside: what is there will be replayed again at the next start.
    case notDeleted(String)
}
