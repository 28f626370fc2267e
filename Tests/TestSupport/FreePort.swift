import Foundation
import Synchronization

private let handedOut = Mutex<Set<UInt16>>([])

/// A TCP port of 127.0.0.1 that nobody listens on, never the same twice in a process.
///
/// It lies below the range from which the kernel takes ports for outgoing connections (32768 and up by default), so
/// that no connection of a test running beside it takes it before its listener does.
package func freePort() throws -> UInt16 {
    let attemptsMax = 200
    for _ in 0..<attemptsMax {
        let port = UInt16.random(in: 15_000..<32_000)
        guard handedOut.withLock({ $0.insert(port).inserted }) else { continue }
        if try isFree(port) { return port }
    }
    throw SupportError("no free port after \(attemptsMax) attempts")
}

private func isFree(_ port: UInt16) throws -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SupportError.systemCall("socket") }
    defer { close(descriptor) }
    return withLoopbackAddress(port: port) { bind(descriptor, $0, $1) } == 0
}

/// connect(2) to 127.0.0.1.
package func connectToLoopback(_ descriptor: Int32, port: UInt16) -> Bool {
    withLoopbackAddress(port: port) { connect(descriptor, $0, $1) } == 0
}

/// Calls `body` with the socket address of 127.0.0.1 and `port`.
func withLoopbackAddress<Result>(
    port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
