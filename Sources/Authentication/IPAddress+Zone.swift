import HTTP

extension IPAddress {
    /// - Parameter address: a client's, numeric: a link-local one may come with its zone, which is left out.
    init?(ofClient address: String) {
        if let plain = IPAddress(address) {
            self = plain
        } else {
            self.init(String(address.prefix { $0 != "%" }))
        }
    }
}
