internal import CLinux
package import EventLoop

/// A listening socket of one loop.
package final class Listener {
    /// How long accepting rests when the system refuses: the process is out of descriptors or memory.
    private static let refusalPause = Duration.milliseconds(100)
    /// What a handshake that has begun has left to end in: a few round trips within a region. Longer, and all who would
    /// have been refused at once wait for a second instead.
    private static let handshakeTimeMax = Duration.milliseconds(10)

    /// A connection that has come in.
    package struct Accepted: ~Copyable {
        let socket: Descriptor
        /// Numeric; nil on a Unix socket.
        package let peerAddress: String?
    }

    /// Where it listens, with the port that the system picked.
    package let address: SocketAddress

    private let loop: EventLoop
    private let readiness: Readiness
    private var socket: Descriptor?
    private let file: SocketFile?
    private var isClosing = false
    /// Ends the time in which connections may still come though it is closing; nil: none may.
    private var handshakeTimer: LoopTimer?

    /// - Parameter bound: is the listener's from now on.
    /// - Throws: what epoll_ctl(2) says.
    package init(_ bound: BoundSocket, on loop: EventLoop) throws(SystemError) {
        let socket = try Descriptor(bound.number, from: "socket")
        address = bound.address
        file = bound.file
        self.loop = loop
        readiness = try Readiness(of: socket.number, on: loop)
        self.socket = consume socket
    }

    /// Waits for the next connection.
    /// - Returns: nil once the listener is closed and whoever was in its queue by then is taken.
    package func accept() async -> Accepted? {
        while let number = socket?.number {
            let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let (accepted, peer) = unsafe SocketAddress.filled { unsafe accept4(number, $0, $1, flags) }
            do throws(SystemError) {
                return Accepted(socket: try Descriptor(accepted, from: "accept4"), peerAddress: peer?.host)
            } catch {
                switch error.code {
                // The connection broke while it waited: the next one.
                case ECONNABORTED, EINTR: continue
                case EAGAIN where !isClosing || handshakeTimer != nil: _ = await readiness.wait(for: .read)
                // Closing waits for nothing: what would let more connections in may be the drain that comes after it.
                case _ where isClosing: finish()
                default: await loop.pause(for: Self.refusalPause)
                }
            }
        }
        return nil
    }

    /// From now on nobody is connected; who is already, or as good as, is accepted. After that, others are refused, and
    /// a waiting `accept` returns nil.
    ///
    /// The kernel resets what is in the queue of a socket that closes, requests that have come there included. So that
    /// none can get into it after the last `accept`, it is told beforehand to leave requests for connections alone:
    /// they come again after a second (RFC 6298 §2), and are refused then.
    package func close() {
        guard !isClosing else { return }
        isClosing = true
        // A path that is gone leads nobody into the queue.
        file?.remove()
        if file == nil, let number = socket?.number, clinux_ignore_new_connections(number) == 0 { awaitHandshakes() }
        readiness.interrupt()
    }

    private func awaitHandshakes() {
        handshakeTimer = LoopTimer(on: loop) { [weak self] in
            self?.handshakeTimer?.cancel()
            self?.handshakeTimer = nil
            self?.readiness.interrupt()
        }
        handshakeTimer?.set(.now + Self.handshakeTimeMax)
    }

    private func finish() {
        handshakeTimer?.cancel()
        readiness.stop()
        socket = nil
    }
}
