internal import CLinux
package import EventLoop

/// A listening TCP socket that nobody accepts from yet; it belongs to the `Listener` that is made of it.
package struct BoundSocket: Sendable {
    /// How many connections may wait to be accepted.
    private static let backlog: Int32 = 1024

    /// With the port that the system picked.
    package let address: SocketAddress
    let number: Int32

    /// Binds one socket for each loop to the same address; the kernel spreads connections over them (SO_REUSEPORT).
    /// - Throws: what socket(2), bind(2) or listen(2) say. EADDRINUSE also where others, in this process or another,
    ///   share their port in this way: they would get some of the connections, and nobody would know.
    package static func bind(_ count: Int, to address: SocketAddress) throws(SystemError) -> [BoundSocket] {
        let probe = try unbound(for: address, isShared: false)
        let free = try bind(probe, to: address)
        // The probe's own hold on the port ends here.
        _ = consume probe
        var sockets: [BoundSocket] = []
        for _ in 0..<count {
            let socket = try unbound(for: free, isShared: true)
            let address = try bind(socket, to: free)
            // At once: with SO_REUSEADDR, a port conflicts only with one that is listened to.
            guard listen(socket.number, Self.backlog) == 0 else { throw SystemError("listen") }
            sockets.append(BoundSocket(address: address, number: socket.release()))
        }
        return sockets
    }

    private static func unbound(for address: SocketAddress, isShared: Bool) throws(SystemError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = try Descriptor(CLinux.socket(address.isIPv6 ? AF_INET6 : AF_INET, type, 0), from: "socket")
        try set(SO_REUSEADDR, at: SOL_SOCKET, of: socket.number)
        if isShared { try set(SO_REUSEPORT, at: SOL_SOCKET, of: socket.number) }
        // [::] is IPv6 alone, so that it can stand beside 0.0.0.0 and no caller has two addresses.
        if address.isIPv6 { try set(IPV6_V6ONLY, at: Int32(IPPROTO_IPV6), of: socket.number) }
        // Connections inherit it.
        try set(TCP_NODELAY, at: Int32(IPPROTO_TCP), of: socket.number)
        return socket
    }

    private static func bind(_ socket: borrowing Descriptor, to address: SocketAddress) throws(SystemError)
        -> SocketAddress
    {
        let number = socket.number
        let result = unsafe address.resolve { unsafe CLinux.bind(number, $0.ai_addr, $0.ai_addrlen) }
        guard result == 0 else { throw SystemError("bind \(address)") }
        return unsafe SocketAddress.filled { unsafe getsockname(number, $0, $1) }.address ?? address
    }

    private static func set(_ option: Int32, at level: Int32, of socket: Int32) throws(SystemError) {
        var one: Int32 = 1
        guard unsafe setsockopt(socket, level, option, &one, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemError("setsockopt")
        }
    }
}
