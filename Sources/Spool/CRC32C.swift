/// CRC-32C (Castagnoli; RFC 9260 appendix A): finds every burst of at most 32 wrong bits, and is no protection against
/// anybody.
struct CRC32C {
    private var remainder = UInt32.max

    var value: UInt32 { ~remainder }

    /// The number's bytes, the lowest first.
    mutating func add(_ number: some FixedWidthInteger) {
        var rest = number
        for _ in 0..<(rest.bitWidth / 8) {
            add(byte: UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    mutating func add(_ bytes: Span<UInt8>) {
        for index in bytes.indices { add(byte: bytes[index]) }
    }

    private mutating func add(byte: UInt8) {
        remainder = remainder >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
    }
}

/// What is left of each byte after its eight divisions, the polynomial's bits reversed.
private let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { remainder, _ in
        remainder & 1 == 1 ? remainder >> 1 ^ 0x82F6_3B78 : remainder >> 1
    }
}
