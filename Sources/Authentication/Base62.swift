/// The digits of API keys: `0-9A-Za-z`.
enum Base62 {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// The largest multiple of 62 in a byte: the bytes from there on would make the first digits likelier.
    private static let unbiasedBound: UInt8 = 248

    static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }

    /// One digit of `bytes`' each, where that is unbiased.
    static func digits(from bytes: [UInt8]) -> [UInt8] {
        bytes.filter { $0 < unbiasedBound }.map { digits[Int($0 % 62)] }
    }

    /// Whether the digits are what `encode` makes of the value.
    static func isEncoding(_ text: Span<UInt8>, of value: UInt32) -> Bool {
        var rest = value
        for position in text.indices.reversed() {
            if text[position] != digits[Int(rest % 62)] { return false }
            rest /= 62
        }
        return rest == 0
    }

    /// - Parameter count: how many digits; 6 hold any value.
    static func encode(_ value: UInt32, count: Int) -> [UInt8] {
        var rest = value
        var encoded = [UInt8](repeating: digits[0], count: count)
        for position in encoded.indices.reversed() {
            encoded[position] = digits[Int(rest % 62)]
            rest /= 62
        }
        return encoded
    }
}
