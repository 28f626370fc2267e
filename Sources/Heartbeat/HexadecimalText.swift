/// Writes the lower-case digits of ids, at most as many as a UUID has, dashes included.
struct HexadecimalText {
    private var bytes = InlineArray<36, UInt8>(repeating: 0)
    private var count = 0

    /// - Parameter digits: the word's last so many.
    mutating func append(_ word: UInt64, digits: Int = 16) {
        var rest = word
        for index in (count..<count + digits).reversed() {
            let digit = UInt8(truncatingIfNeeded: rest & 0xF)
            bytes[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
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
