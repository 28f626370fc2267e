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

/// What setting a stream up came to.
package enum Opening: Sendable, Equatable {
    case done
    case needsRead
    case needsWrite
    /// The peer was told, in so far as it can be; what else it sends is worth nothing.
    case failed
    /// As `failed`, and the peer speaks HTTP in the clear: what is written now goes out in the clear too.
    case failedAsHTTP
}

/// A byte stream under a connection. For use on its loop only.
package protocol Transport: AnyObject {
    /// The numeric address of the peer; nil where it has none.
    var peerAddress: String? { get }

    /// The peer's certificate, verified; nil where it has shown none.
    var peerCertificate: PeerCertificate? { get }

    /// Sets the stream up; to be called until it says neither of `needsRead` and `needsWrite`, before anything else.
    func open() -> Opening

    /// Whether it is known that a read would find nothing.
    var isDrained: Bool { get }

    /// Reads into the free end of a buffer.
    func read(into buffer: inout ReceiveBuffer) -> Progress

    /// Writes what it can of `bytes` from `offset` on.
    func write(_ bytes: [UInt8], from offset: Int) -> Progress

    /// Waits until a call that needs this direction is worth trying again.
    func wait(for direction: Readiness.Direction) async -> Readiness.Wake

    /// Has `sleeper` woken, once, when a read is worth trying again, or at `interrupt`.
    /// - Returns: false where nobody is woken: `wait` is to be called instead.
    func whenReadable(wake sleeper: any Sleeper) -> Bool

    /// Wakes a waiting task with `.interrupted`.
    func interrupt()

    /// Ends our half of the stream; the peer's may go on.
    func endWriting()

    /// Ends both halves and lets go of the descriptor.
    func close()
}

/// A stream that needs no setting up.
extension Transport {
    package var peerCertificate: PeerCertificate? { nil }

    package func open() -> Opening { .done }
}
