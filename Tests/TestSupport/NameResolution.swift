import Glibc
import Synchronization

/// Names under `.test` that exist for this process only: the look-ups of libcurl and libpq come to the `getaddrinfo`
/// below, which stands before the system's because it is the executable's own. No such name is ever asked of a name
/// server.
package enum NameResolution {
    fileprivate static let addresses = Mutex<[String: [String]]>([:])
    fileprivate static let gates = Mutex<[String: Gate]>([:])

    /// - Parameter addresses: numeric, in the order in which they are to be tried.
    package static func set(addresses: [String], of name: String) {
        self.addresses.withLock { $0[name] = addresses }
    }

    /// From now on there is no such name.
    package static func remove(_ name: String) {
        addresses.withLock { $0[name] = nil }
    }

    /// Look-ups of the name wait for the gate.
    package static func set(gate: Gate, of name: String) {
        gates.withLock { $0[name] = gate }
    }

    fileprivate typealias Lookup =
        @convention(c) (
            UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<addrinfo>?,
            UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
        ) -> Int32

    /// The system's own.
    fileprivate static let system: Lookup = {
        let next = UnsafeMutableRawPointer(bitPattern: -1)  // RTLD_NEXT, which is a cast
        return unsafeBitCast(dlsym(next, "getaddrinfo"), to: Lookup.self)
    }()
}

@c(getaddrinfo)
func lookUp(
    _ name: UnsafePointer<CChar>?, _ service: UnsafePointer<CChar>?, _ hints: UnsafePointer<addrinfo>?,
    _ result: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
) -> Int32 {
    let host = name.map { String(cString: $0) } ?? ""
    NameResolution.gates.withLock { $0[host] }?.wait()
    guard let addresses = NameResolution.addresses.withLock({ $0[host] }) else {
        let isReserved = host.hasSuffix(".test") || host.hasSuffix(".invalid")
        return isReserved ? EAI_NONAME : NameResolution.system(name, service, hints, result)
    }
    var first: UnsafeMutablePointer<addrinfo>?
    for address in addresses.reversed() {
        var entry: UnsafeMutablePointer<addrinfo>?
        let code = NameResolution.system(address, service, hints, &entry)
        guard code == 0, let entry else { return code }
        // The system makes each entry a block of its own and frees along `ai_next`.
        entry.pointee.ai_next = first
        first = entry
    }
    result?.pointee = first
    return 0
}
