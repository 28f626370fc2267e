/// base64url as JWS has it (RFC 7515 §2): no padding, no white space, and one text only for each value.
package enum Base64URL {
    private static let foreign: UInt8 = 0xff

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: foreign, count: 256)
        for (value, digit) in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8.enumerated() {
            values[Int(digit)] = UInt8(value)
        }
        return values
    }()

    /// - Returns: nil for anything that an encoder cannot have made, bits that are left over at the end included.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount = 0
        for digit in text {
            let value = values[Int(digit)]
            guard value != foreign else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
            }
        }
        let leftOver = bits & (1 << UInt32(bitCount) - 1)
        return leftOver == 0 ? bytes : nil
    }
}
