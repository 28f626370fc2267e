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

func lowercaseHexDigits(_ digest: InlineArray<32, UInt8>) -> InlineArray<64, UInt8> {
    var digits = InlineArray<64, UInt8>(repeating: 0)
    for index in 0..<32 {
        digits[2 * index] = hexDigit(digest[index] >> 4, ten: UInt8(ascii: "a"))
        digits[2 * index + 1] = hexDigit(digest[index] & 0xf, ten: UInt8(ascii: "a"))
    }
    return digits
}

/// - Parameter ten: the digit for ten, which says whether the letters are small.
func hexDigit(_ value: UInt8, ten: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : ten + value - 10
}
