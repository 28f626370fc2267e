package import EventLoop

/// What a non-blocking call came to. "Would block" is a result, not an error.
package enum Progress: Sendable, Equatable {
    /// So many bytes were moved, at least one.
    case done(Int)
    case needsRead
    case needsWrite
    /// Reading: the peer has ended its stream, or the connection is broken. Writing: it is broken.
    case closed
}

/// A byte stream under a connection. For use on its loop only.
package protocol Transport: AnyObject {
    /// The numeric address of the peer; nil where it has none.
    var peerAddress: String? { get }

    /// Reads into the free end of a buffer.
    func read(into buffer: inout ReceiveBuffer) -> Progress

    /// Writes what it can of `bytes` from `offset` on.
    func write(_ bytes: [UInt8], from offset: Int) -> Progress

    /// Waits until a call that needs this direction is worth trying again.
    func wait(for direction: Readiness.Direction) async -> Readiness.Wake

    /// Wakes a waiting task with `.interrupted`.
    func interrupt()

    /// Ends our half of the stream; the peer's may go on.
    func endWriting()

    /// Ends both halves and lets go of the descriptor.
    func close()
}
