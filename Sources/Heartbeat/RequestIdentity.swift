import HTTP

/// The ids under which a request is found again.
enum RequestIdentity {
    private static let charactersMax = 128

    /// The caller's `X-Request-Id` where it is harmless to repeat everywhere, else a new one.
    static func requestID(_ fields: Fields, new: () -> UUIDv7) -> String {
        guard let id = fields.onlyValue(of: "X-Request-Id"), (1...charactersMax).contains(id.count),
            id.allSatisfy(isAllowed)
        else { return new().description }
        return String(decoding: id, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
