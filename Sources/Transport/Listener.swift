internal import CLinux
package import EventLoop

/// A listening socket of one loop.
package final class Listener {
    /// How long accepting rests when the system refuses: the process is out of descriptors or memory.
    private static let refusalPause = Duration.milliseconds(100)

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
                // Closing waits for nothing: what would let more connections in may be the drain that comes after it.
                case _ where isClosing: finish()
                case EAGAIN: _ = await readiness.wait(for: .read)
                default: await loop.pause(for: Self.refusalPause)
                }
            }
        }
        return nil
    }

    /// Takes whoever is in the queue, which the kernel would reset, and then refuses; a waiting `accept` returns nil.
    package func close() {
        isClosing = true
        file?.remove()
        readiness.interrupt()
    }

    private func finish() {
        readiness.stop()
        socket = nil
    }
}
