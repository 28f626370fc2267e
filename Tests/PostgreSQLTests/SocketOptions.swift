import Glibc

/// What is set on a socket of this process.
struct SocketOptions: Equatable {
    var isKeptAlive: Bool
    var userTimeoutMilliseconds: Int32
}

/// Those of the sockets that are connected to a port of 127.0.0.1.
func socketOptions(connectedTo port: UInt16) -> [SocketOptions] {
    let descriptorsMax: Int32 = 4096
    return (0..<descriptorsMax).filter { peerPort(of: $0) == port }.map { descriptor in
        SocketOptions(
            isKeptAlive: option(SO_KEEPALIVE, SOL_SOCKET, of: descriptor) == 1,
            userTimeoutMilliseconds: option(TCP_USER_TIMEOUT, Int32(IPPROTO_TCP), of: descriptor))
    }
}

private func peerPort(of descriptor: Int32) -> UInt16? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getpeername(descriptor, $0, &length) }
    }
    guard result == 0, address.sin_family == sa_family_t(AF_INET) else { return nil }
    return UInt16(bigEndian: address.sin_port)
}

private func option(_ name: Int32, _ level: Int32, of descriptor: Int32) -> Int32 {
    var value: Int32 = -1
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, level, name, &value, &length)
    return value
}
