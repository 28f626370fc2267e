/// Why the spool did not do what was asked of it.
package enum SpoolFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// There would be more than the limit.
    case full(limitBytes: Int)
    /// A system call failed: which one, on what, and why.
    case disk(String)
    /// Another process has the directory.
    case locked(directory: String)
    /// A record of no bytes, or of more than a frame holds.
    case recordSize(bytes: Int)
    /// `close` was called.
    case closed

    package var description: String {
        switch self {
        case .full(let limit):
            "the spool is full: it holds its limit of \(limit) bytes; raise the limit, or see why nothing is replayed"
        case .disk(let reason): "the spool cannot be used: \(reason)"
        case .locked(let directory):
            "another process has the spool directory \(directory): give each instance a directory of its own"
        case .recordSize(let bytes):
            "a record of \(bytes) bytes: the spool takes 1 to \(Segment.recordBytesMax)"
        case .closed: "the spool is closed"
        }
    }
}
