import HTTP

extension IPAddress {
    /// - Parameter address: a client's, numeric: a link-local one may come with its zone.
    init?(withoutZone address: String) {
        self.init(address.utf8.contains(UInt8(ascii: "%")) ? String(address.prefix { $0 != "%" }) : address)
    }
}
