/// A segment's file is called by its number, in 16 hexadecimal digits; a later segment has a higher one.
enum SegmentName {
    static let suffix = ".spool"
    /// Of a segment that was set aside.
    static let asideSuffix = ".corrupt"
    private static let digitCount = 16

    /// - Returns: nil where the file is no segment of ours.
    static func number(in name: String) -> UInt64? {
        name.utf8.count == digitCount + suffix.utf8.count && name.hasSuffix(suffix) ? leadingNumber(of: name) : nil
    }

    /// That of a segment, or of one that was set aside, whose place no other may take.
    static func leadingNumber(of name: String) -> UInt64? {
        let digits = name.utf8.prefix(digitCount)
        let isHexadecimal = digits.allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        guard isHexadecimal, digits.count == digitCount else { return nil }
        return UInt64(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    static func name(of number: UInt64) -> String { digits(of: number) + suffix }

    static func digits(of number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: digitCount - digits.count) + digits
    }
}
