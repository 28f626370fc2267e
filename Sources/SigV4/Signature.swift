/// A signature as the `Authorization` header ends with it. Never shown.
package struct Signature: CustomStringConvertible, CustomReflectable {
    package static let digitCount = 64

    /// Lower-case hexadecimal digits in ASCII.
    package let digits: InlineArray<64, UInt8>

    init(_ code: InlineArray<32, UInt8>) {
        digits = lowercaseHexDigits(code)
    }

    package var text: String {
        String(decoding: digits.indices.map { digits[$0] }, as: UTF8.self)
    }

    package var description: String { "<signature>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Through spans and without checks for overflow, so that the compiler takes many bytes at once.
func lowercaseHexDigits(_ digest: InlineArray<32, UInt8>) -> InlineArray<64, UInt8> {
    var digits = InlineArray<64, UInt8>(repeating: 0)
    let digest = digest.span
    var output = digits.mutableSpan
    for index in 0..<32 {
        output[2 &* index] = hexDigit(digest[index] >> 4, ten: UInt8(ascii: "a"))
        output[2 &* index &+ 1] = hexDigit(digest[index] & 0xf, ten: UInt8(ascii: "a"))
    }
    return digits
}

/// - Parameter ten: the digit for ten, which says whether the letters are small.
func hexDigit(_ value: UInt8, ten: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") &+ value : ten &+ value &- 10
}

extension [UInt8] {
    package mutating func overwrite(at start: Int, with bytes: Span<UInt8>) {
        var room = mutableSpan
        precondition(start >= 0 && bytes.count <= room.count - start)
        for index in 0..<bytes.count { room[start &+ index] = bytes[index] }
    }
}
