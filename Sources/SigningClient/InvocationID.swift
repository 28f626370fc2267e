internal import JSON

/// Of one call, all its attempts: so that the service can tell a retry from a second call. A random UUID
/// (RFC 9562 §5.4).
struct InvocationID {
    static let digitCount = HexadecimalText.charactersMax

    private let high: UInt64
    private let low: UInt64

    /// - Parameters: 122 of their bits count.
    init(_ high: UInt64, _ low: UInt64) {
        self.high = high & ~0xF000 | 0x4000
        self.low = low & ~(3 << 62) | 1 << 63
    }

    /// The text in ASCII.
    var digits: InlineArray<36, UInt8> { HexadecimalText(uuid: high, low).bytes }

    var text: String { HexadecimalText(uuid: high, low).text }
}
