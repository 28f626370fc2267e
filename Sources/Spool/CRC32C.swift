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

    /// Eight bytes at a time, each with a table for its place (Kounavis and Berry, 2005): a full spool is read whole at
    /// the start, and this is what that takes.
    mutating func add(_ bytes: Span<UInt8>) {
        let tables = remainders
        var index = 0
        while index + 8 <= bytes.count {
            var next: UInt32 = 0
            for place in 0..<4 {
                let low = UInt8(truncatingIfNeeded: remainder >> (8 * UInt32(place))) ^ bytes[index + place]
                next ^= tables[(7 - place) << 8 | Int(low)] ^ tables[(3 - place) << 8 | Int(bytes[index + 4 + place])]
            }
            remainder = next
            index += 8
        }
        while index < bytes.count {
            add(byte: bytes[index])
            index += 1
        }
    }

    private mutating func add(byte: UInt8) {
        remainder = remainder >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: remainder) ^ byte)]
    }
}

/// What is left of each byte after its eight divisions, the polynomial's bits reversed; then, a table for each, what is
/// left of it after one to seven bytes more.
private let remainders: [UInt32] = {
    var tables: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { remainder, _ in
            remainder & 1 == 1 ? remainder >> 1 ^ 0x82F6_3B78 : remainder >> 1
        }
    }
    for index in 256..<8 * 256 {
        let before = tables[index - 256]
        tables.append(before >> 8 ^ tables[Int(before & 0xFF)])
    }
    return tables
}()
