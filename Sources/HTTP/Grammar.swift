// The character classes and small productions that the parsers share.

extension UInt8 {
    static var horizontalTab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }

    var isTokenCharacter: Bool { ASCIISet.token.contains(self) }

    /// What may stand in a line at all: a visible character, obs-text, SP or HTAB (RFC 9110 §5.5).
    var isFieldText: Bool { self >= .space && self != 0x7F || self == .horizontalTab }

    var isASCIIDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    var lowercased: UInt8 { self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self }

    /// 0 to 15; nil where this is no hexadecimal digit.
    var hexadecimalValue: UInt8? {
        if isASCIIDigit { return self - UInt8(ascii: "0") }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }
}

extension Span<UInt8> {
    func copy(_ range: Range<Int>) -> [UInt8] {
        // One that is made with its elements costs a look-up of its type.
        var bytes: [UInt8] = []
        bytes.append(self, range)
        return bytes
    }

    /// - Parameter lowercased: in lower case itself.
    func equalsIgnoringCase(_ range: Range<Int>, _ lowercased: String) -> Bool {
        guard range.count == lowercased.utf8.count else { return false }
        var index = range.lowerBound
        for byte in lowercased.utf8 {
            if self[index].lowercased != byte { return false }
            index += 1
        }
        return true
    }

    func equals(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var index = range.lowerBound
        for byte in text.utf8 {
            if self[index] != byte { return false }
            index += 1
        }
        return true
    }

    func firstIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound {
            if self[index] == byte { return index }
            index += 1
        }
        return nil
    }

    func isToken(_ range: Range<Int>) -> Bool {
        for index in range where !self[index].isTokenCharacter { return false }
        return !range.isEmpty
    }

    /// The range without the optional white space at its ends (RFC 9110 §5.6.3).
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == .space || self[start] == .horizontalTab { start += 1 }
        while start < end, self[end - 1] == .space || self[end - 1] == .horizontalTab { end -= 1 }
        return start..<end
    }

    /// Takes the first element, trimmed, off a comma-separated list (RFC 9110 §5.6.1).
    ///
    /// - Parameter rest: nil once the last element is taken. An empty list has one empty element.
    func nextElement(of rest: inout Range<Int>?) -> Range<Int>? {
        guard let list = rest else { return nil }
        let comma = firstIndex(of: UInt8(ascii: ","), in: list)
        rest = comma.map { $0 + 1..<list.upperBound }
        return trimmed(list.lowerBound..<(comma ?? list.upperBound))
    }
}
