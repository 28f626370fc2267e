/// Writes the lower-case digits of ids, at most as many as a UUID has, dashes included.
package struct HexadecimalText {
    package static let charactersMax = 36

    /// In ASCII; the first `count` are written.
    package private(set) var bytes = InlineArray<36, UInt8>(repeating: 0)
    private var count = 0

    package init() {}

    /// All characters of a UUID (RFC 9562 §4).
    package init(uuid high: UInt64, _ low: UInt64) {
        append(high >> 32, digits: 8)
        appendDash()
        append(high >> 16, digits: 4)
        appendDash()
        append(high, digits: 4)
        appendDash()
        append(low >> 48, digits: 4)
        appendDash()
        append(low, digits: 12)
    }

    /// - Parameter digits: the word's last so many.
    package mutating func append(_ word: UInt64, digits: Int = 16) {
        var rest = word
        var index = count + digits
        while index > count {
            index -= 1
            let digit = UInt8(truncatingIfNeeded: rest) & 0xF
            bytes[index] = digit &+ (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
            rest >>= 4
        }
        count += digits
    }

    private mutating func appendDash() {
        bytes[count] = UInt8(ascii: "-")
        count += 1
    }

    package var text: String {
        do {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(first: count)))
        } catch {
            preconditionFailure("digits and dashes are ASCII")
        }
    }
}
