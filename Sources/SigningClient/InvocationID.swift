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
        var output = digits.mutableSpan
        write(high >> 32, 8, to: &output, at: 0)
        write(high >> 16, 4, to: &output, at: 9)
        write(high, 4, to: &output, at: 14)
        write(low >> 48, 4, to: &output, at: 19)
        write(low, 12, to: &output, at: 24)
        return digits
    }

    /// Writes the lowest digits of a number.
    private func write(_ number: UInt64, _ count: Int, to output: inout MutableSpan<UInt8>, at start: Int) {
        for index in 0..<count {
            let value = UInt8(truncatingIfNeeded: number >> UInt64(4 &* (count &- 1 &- index))) & 0xF
            output[start &+ index] = value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
        }
    }

    var text: String {
        let digits = digits
        return String(decoding: digits.indices.map { digits[$0] }, as: UTF8.self)
    }
}
