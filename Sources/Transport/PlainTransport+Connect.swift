internal import CLinux
package import EventLoop

extension PlainTransport {
    /// Connects to an address; whether it worked shows at the first read or write.
    /// - Throws: what socket(2) or connect(2) say at once.
    package static func connect(to address: SocketAddress, on loop: EventLoop) throws(SystemError) -> PlainTransport {
        let socket = try BoundSocket.unbound(for: address)
        let number = socket.number
        let result = unsafe address.resolve { unsafe CLinux.connect(number, $0, $1) }
        guard result == 0 || currentErrno() == EINPROGRESS else { throw SystemError("connect \(address)") }
        let peerAddress = address.path == nil ? address.host : nil
        return try PlainTransport(Listener.Accepted(socket: socket, peerAddress: peerAddress), on: loop)
    }
}
