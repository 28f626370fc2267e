internal import CLinux
package import EventLoop

/// A listening socket that nobody accepts from yet; it belongs to the `Listener` that is made of it.
package struct BoundSocket: Sendable {
    /// Connections that may wait to be accepted; the kernel allows no more than net.core.somaxconn, 4096 as a rule.
    private static let backlogMax: Int32 = 1024
    /// What the kernel takes of an answer beyond what its peer lets it send. Without it, who asks and does not read can
    /// have some megabytes kept for each connection.
    private static let unsentBytesMax: Int32 = 65_536

    /// With the port that the system picked.
    package let address: SocketAddress
    let number: Int32
    /// What lies in the file system for it; nil for an internet address.
    let file: SocketFile?

    /// Binds one socket for each loop to the same address.
    /// - Throws: what socket(2), bind(2), listen(2) or, for a Unix socket, chmod(2) say. EADDRINUSE also where others,
    ///   in this process or another, share their port: they would get some of the connections, and nobody would know.
    package static func bind(_ count: Int, to address: SocketAddress) throws(SystemError) -> [BoundSocket] {
        if let path = address.path { return try bind(count, path: path, to: address) }
        let probe = try unbound(for: address, isShared: false)
        let free = try bind(probe, to: address)
        // The probe's own hold on the port ends here.
        _ = consume probe
        var sockets: [BoundSocket] = []
        for _ in 0..<count {
            // The kernel spreads connections over them.
            let socket = try unbound(for: free, isShared: true)
            let address = try bind(socket, to: free)
            // At once: with SO_REUSEADDR, a port conflicts only with one that is listened to.
            try listen(socket)
            sockets.append(BoundSocket(address: address, number: socket.release(), file: nil))
        }
        return sockets
    }

    /// A path has one socket: the loops share its queue, and whoever comes first takes from it.
    private static func bind(
        _ count: Int, path: String, to address: SocketAddress
    ) throws(SystemError) -> [BoundSocket] {
        try SocketFile.removeStale(at: path, address)
        let socket = try unbound(for: address, isShared: false)
        _ = try bind(socket, to: address)
        // Before anybody can connect, which listen(2) is needed for.
        let file = try SocketFile(boundAt: path)
        try listen(socket)
        var sockets: [BoundSocket] = []
        for _ in 0..<count {
            let copy = try Descriptor(clinux_duplicate(socket.number), from: "fcntl")
            sockets.append(BoundSocket(address: address, number: copy.release(), file: file))
        }
        return sockets
    }

    /// Not bound and not connected yet.
    static func unbound(for address: SocketAddress) throws(SystemError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        return try Descriptor(CLinux.socket(address.family, type, 0), from: "socket")
    }

    private static func unbound(for address: SocketAddress, isShared: Bool) throws(SystemError) -> Descriptor {
        let socket = try unbound(for: address)
        guard address.path == nil else { return socket }
        try set(SO_REUSEADDR, at: SOL_SOCKET, of: socket.number)
        if isShared { try set(SO_REUSEPORT, at: SOL_SOCKET, of: socket.number) }
        // [::] is IPv6 alone, so that it can stand beside 0.0.0.0 and no caller has two addresses.
        if address.isIPv6 { try set(IPV6_V6ONLY, at: Int32(IPPROTO_IPV6), of: socket.number) }
        // Connections inherit these.
        try set(TCP_NODELAY, at: Int32(IPPROTO_TCP), of: socket.number)
        try set(TCP_NOTSENT_LOWAT, to: unsentBytesMax, at: Int32(IPPROTO_TCP), of: socket.number)
        return socket
    }

    private static func bind(_ socket: borrowing Descriptor, to address: SocketAddress) throws(SystemError)
        -> SocketAddress
    {
        let number = socket.number
        let result = unsafe address.resolve { unsafe CLinux.bind(number, $0, $1) }
        guard result == 0 else { throw SystemError("bind \(address)") }
        return unsafe SocketAddress.filled { unsafe getsockname(number, $0, $1) }.address ?? address
    }

    private static func listen(_ socket: borrowing Descriptor) throws(SystemError) {
        guard CLinux.listen(socket.number, backlogMax) == 0 else { throw SystemError("listen") }
    }

    private static func set(
        _ option: Int32, to value: Int32 = 1, at level: Int32, of socket: Int32
    ) throws(SystemError) {
        var value = value
        guard unsafe setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw SystemError("setsockopt")
        }
    }
}
