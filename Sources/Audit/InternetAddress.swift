internal import Glibc

/// A numeric address in the binary format of `inet` (`network_recv` in PostgreSQL's network.c): family, bits of the
/// mask, whether it is a `cidr`, length, address. An IPv6 zone is left out, as the type knows none.
/// - Returns: nil for what is no address.
func inetBytes(_ text: String) -> [UInt8]? {
    let (familyIPv4, familyIPv6): (UInt8, UInt8) = (2, 3)
    var address4 = in_addr()
    if unsafe inet_pton(AF_INET, text, &address4) == 1 {
        return unsafe withUnsafeBytes(of: &address4) { unsafe inetBytes(familyIPv4, $0) }
    }
    let withoutZone = String(text.prefix { $0 != "%" })
    var address6 = in6_addr()
    guard unsafe inet_pton(AF_INET6, withoutZone, &address6) == 1 else { return nil }
    return unsafe withUnsafeBytes(of: &address6) { unsafe inetBytes(familyIPv6, $0) }
}

private func inetBytes(_ family: UInt8, _ address: UnsafeRawBufferPointer) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 + address.count)
    bytes += [family, UInt8(address.count * 8), 0, UInt8(address.count)]
    unsafe bytes += address
    return bytes
}
