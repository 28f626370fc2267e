import Glibc
import TestSupport

/// A listening socket whose queue is full: the kernel drops what asks for a further connection.
final class FullListener {
    let port: UInt16
    private let listener: Int32
    private var waiting: [Int32] = []

    init() throws {
        port = try freePort()
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard withAddress({ bind(listener, $0, $1) }) == 0, listen(listener, 0) == 0 else {
            throw SupportError("listen: \(String(cString: strerror(errno)))")
        }
        // A queue of length 0 takes one connection, or two.
        for _ in 0..<4 {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            _ = withAddress { connect(descriptor, $0, $1) }
            waiting.append(descriptor)
        }
    }

    deinit {
        for descriptor in waiting + [listener] { close(descriptor) }
    }

    private func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
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
}
