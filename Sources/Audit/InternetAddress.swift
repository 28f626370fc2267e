internal import Glibc

/// A numeric address in the binary format of `inet` (`network_recv` in PostgreSQL's network.c): family, bits of the
/// mask, whether it is a `cidr`, length, address. An IPv6 zone is left out, as the type knows none.
/// - Returns: nil for what is no address.
func inetBytes(_ text: String) -> [UInt8]? {
    let (familyIPv4, familyIPv6): (UInt8, UInt8) = (2, 3)
    if let address = addressBytes(text, family: AF_INET, count: 4) {
        return [familyIPv4, 32, 0, 4] + address
    }
    let withoutZone = String(text.prefix { $0 != "%" })
    if let address = addressBytes(withoutZone, family: AF_INET6, count: 16) {
        return [familyIPv6, 128, 0, 16] + address
    }
    return nil
}

private func addressBytes(_ text: String, family: Int32, count: Int) -> [UInt8]? {
    var address = [UInt8](repeating: 0, count: count)
    return unsafe inet_pton(family, text, &address) == 1 ? address : nil
}
