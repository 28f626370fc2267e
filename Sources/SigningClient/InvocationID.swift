/// Of one call, all its attempts: so that the service can tell a retry from a second call. A random UUID
/// (RFC 9562 §5.4).
struct InvocationID {
    static let digitCount = 36

    private let high: UInt64
    private let low: UInt64

    /// - Parameters: 122 of their bits count.
    init(_ high: UInt64, _ low: UInt64) {
        self.high = high & ~0xF000 | 0x4000
        self.low = low & ~(3 << 62) | 1 << 63
    }

    /// The text in ASCII.
    var digits: InlineArray<36, UInt8> {
        var digits = InlineArray<36, UInt8>(repeating: UInt8(ascii: "-"))
        var bits = high
        for index in 0..<Self.digitCount where index != 8 && index != 13 && index != 18 && index != 23 {
            if index == 19 { bits = low }
            let value = UInt8(truncatingIfNeeded: bits >> 60)
            digits[index] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
            bits <<= 4
        }
        return digits
    }

    var text: String {
        let digits = digits
        return String(decoding: digits.indices.map { digits[$0] }, as: UTF8.self)
    }
}
