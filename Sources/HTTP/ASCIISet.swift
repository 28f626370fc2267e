/// Characters of one production, a bit each: no branch depends on which character it is, and a task token is as good as
/// random.
struct ASCIISet: Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    /// - Parameter characters: below U+0080.
    private init(_ characters: String) {
        for byte in characters.utf8 {
            if byte < 64 { low |= 1 << UInt64(byte) } else { high |= 1 << UInt64(byte & 63) }
        }
    }

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        let half = byte < 64 ? low : high
        return byte < 128 && half >> UInt64(byte & 63) & 1 == 1
    }

    private static let alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

    /// `tchar` (RFC 9110 §5.6.2).
    static let token = ASCIISet(alphanumeric + "!#$%&'*+-.^_`|~")

    /// `unreserved` and `sub-delims` (RFC 3986 §2.2, §2.3).
    static let name = ASCIISet(alphanumeric + "-._~!$&'()*+,;=")
}
