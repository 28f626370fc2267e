internal import CLinux

/// Where to listen: a numeric IPv4 or IPv6 address and a port, or the path of a Unix socket.
package struct SocketAddress: Sendable, Equatable, CustomStringConvertible {
    /// Without brackets; empty for a Unix socket.
    package let host: String
    /// 0: the system picks one, or it is a Unix socket.
    package let port: UInt16
    /// Absolute; nil for an internet address.
    package let path: String?

    private init(host: String, port: UInt16) {
        self.host = host
        self.port = port
        path = nil
    }

    /// Reads `0.0.0.0:8080`, `[::]:8080` or `unix:/run/socket`; nil for anything else, names included.
    package init?(_ text: String) {
        if text.hasPrefix(Self.pathPrefix) {
            self.init(path: String(text.dropFirst(Self.pathPrefix.count)))
            return
        }
        guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = text[text.utf8.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits) else { return nil }
        var host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        let written = SocketAddress(host: String(host), port: port)
        let canonical = unsafe written.resolve { unsafe SocketAddress($0, $1) }
        guard isBracketed == written.isIPv6, let canonical = canonical ?? nil else { return nil }
        // The system also reads `1`, `127.1` and `0x7f.1` as IPv4 addresses, which few people do.
        guard canonical.isIPv6 || canonical == written else { return nil }
        self = canonical
    }

    private static let pathPrefix = "unix:"

    private init?(path: String) {
        let room = MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        guard path.hasPrefix("/"), !path.hasSuffix("/"), path.utf8.count < room, !path.utf8.contains(0) else {
            return nil
        }
        host = ""
        port = 0
        self.path = path
    }

    package var description: String {
        if let path { return Self.pathPrefix + path }
        return isIPv6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    var isIPv6: Bool { host.contains(":") }

    /// Of socket(2).
    var family: Int32 { path != nil ? AF_UNIX : isIPv6 ? AF_INET6 : AF_INET }

    /// Hands `body` the address in the system's form; nil where `host` is not a numeric address.
    func resolve<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value? {
        if let path { return unsafe Self.withUnixAddress(path, body) }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0, let first = unsafe found else { return nil }
        defer { unsafe freeaddrinfo(first) }
        guard let address = unsafe first.pointee.ai_addr else { return nil }
        return unsafe body(address, first.pointee.ai_addrlen)
    }

    private static func withUnixAddress<Value>(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The rest is zero, and with it the path's end.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        return unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe bytes.withMemoryRebound(to: sockaddr.self) { pointer in
                guard let pointer = pointer.baseAddress else { return nil }
                return unsafe body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Has `fill` write an address as accept(2) and getsockname(2) do, and reads it.
    /// - Returns: what `fill` returned, and the address; nil where it is no internet address.
    static func filled(
        by fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (result: Int32, address: SocketAddress?) {
        var storage = sockaddr_storage()
        return unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.withMemoryRebound(to: sockaddr.self) { pointer in
                guard let pointer = pointer.baseAddress else { return (-1, nil) }
                var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                let result = unsafe fill(pointer, &length)
                return unsafe (result, result < 0 ? nil : SocketAddress(pointer, length))
            }
        }
    }

    private init?(_ pointer: UnsafePointer<sockaddr>, _ length: socklen_t) {
        guard unsafe pointer.pointee.sa_family != sa_family_t(AF_UNIX) else { return nil }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        let result = unsafe getnameinfo(
            pointer, length, &host, socklen_t(host.count), &port, socklen_t(port.count), flags)
        guard result == 0, let number = UInt16(Self.text(port)) else { return nil }
        self.init(host: Self.text(host), port: number)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension SocketAddress {
    /// All addresses of IPv4.
    package static func any(port: UInt16) -> SocketAddress {
        SocketAddress(host: "0.0.0.0", port: port)
    }

    /// Where a listener at this address is reached from this host.
    package var reachable: SocketAddress {
        switch host {
        case "0.0.0.0": SocketAddress(host: "127.0.0.1", port: port)
        case "::": SocketAddress(host: "::1", port: port)
        default: self
        }
    }

    /// For the `Host` field of a request that goes there.
    package var authority: String {
        path == nil ? description : "localhost"
    }
}
