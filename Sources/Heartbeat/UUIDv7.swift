internal import JSON

/// A UUID that sorts by the time it was made (RFC 9562 §5.7).
package struct UUIDv7: Sendable, Hashable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// - Parameters:
    ///   - milliseconds: since 1970-01-01T00:00:00Z; its lower 48 bits.
    ///   - random: 74 of these bits are used.
    package init(milliseconds: UInt64, random: (UInt64, UInt64)) {
        high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
        low = 1 << 63 | random.1 & (1 << 62 - 1)
    }

    /// All 128 bits, the first 64 first.
    package var words: (UInt64, UInt64) { (high, low) }

    /// All 16, in network order.
    package var bytes: [UInt8] { high.bytes + low.bytes }

    package var description: String { HexadecimalText(uuid: high, low).text }
}

extension UInt64 {
    /// In network order.
    var bytes: [UInt8] {
        stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> $0) }
    }
}
