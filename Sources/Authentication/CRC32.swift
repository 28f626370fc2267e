/// CRC-32 as in gzip and Ethernet (RFC 1952 §8): finds typing errors, is no protection against anybody.
func crc32(_ bytes: Span<UInt8>) -> UInt32 {
    var remainder = UInt32.max
    for index in bytes.indices {
        remainder = remainder >> 8 ^ remainders[Int(UInt8(truncatingIfNeeded: remainder) ^ bytes[index])]
    }
    return ~remainder
}

/// What is left of each byte after its eight divisions, since every request's key is checked.
private let remainders: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { remainder, _ in
        remainder & 1 == 1 ? remainder >> 1 ^ 0xedb8_8320 : remainder >> 1
    }
}
