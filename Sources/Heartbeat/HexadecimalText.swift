/// Writes the lower-case digits of ids, at most as many as a UUID has, dashes included.
struct HexadecimalText {
    private var bytes = InlineArray<36, UInt8>(repeating: 0)
    private var count = 0

    /// - Parameter digits: the word's last so many.
    mutating func append(_ word: UInt64, digits: Int = 16) {
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

    mutating func appendDash() {
        bytes[count] = UInt8(ascii: "-")
        count += 1
    }

    var text: String {
        do {
            return String(copying: try UTF8Span(validating: bytes.span.extracting(first: count)))
        } catch {
            preconditionFailure("digits and dashes are ASCII")
        }
    }
}
