internal import CLinux
package import EventLoop

extension PlainTransport {
    /// Connects to an address; whether it worked shows at the first read or write.
    /// - Throws: what socket(2) or connect(2) say at once.
    package static func connect(to address: SocketAddress, on loop: EventLoop) throws(SystemError) -> PlainTransport {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = try Descriptor(CLinux.socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0), from: "socket")
        let number = socket.number
        let result = unsafe address.resolve { unsafe CLinux.connect(number, $0.ai_addr, $0.ai_addrlen) }
        guard result == 0 || currentErrno() == EINPROGRESS else { throw SystemError("connect \(address)") }
        return try PlainTransport(Listener.Accepted(socket: socket, peerAddress: address.host), on: loop)
    }
}
