// The character classes and small productions that the parsers share.

extension UInt8 {
    static var horizontalTab: UInt8 { 0x09 }
    static var lineFeed: UInt8 { 0x0A }
    static var carriageReturn: UInt8 { 0x0D }
    static var space: UInt8 { 0x20 }

    var isTokenCharacter: Bool {
        // As a rule it is a letter or a hyphen.
        (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "-") || ASCIISet.token.contains(self)
    }

    /// What may stand in a line at all: a visible character, obs-text, SP or HTAB (RFC 9110 §5.5).
    var isFieldText: Bool { self >= .space && self != 0x7F || self == .horizontalTab }

    /// 0 for what may stand in a path.
    fileprivate var missesPath: UInt8 {
        let letter = (self | 0x20).misses(UInt8(ascii: "a"), UInt8(ascii: "z"))
        // `$%&'()*+,-./`, the digits, `:;`
        let common = misses(UInt8(ascii: "$"), UInt8(ascii: ";"))
        let marks = Swift.min(self ^ UInt8(ascii: "!"), self ^ UInt8(ascii: "="))
        let others = Swift.min(self ^ UInt8(ascii: "@"), self ^ UInt8(ascii: "_"))
        let rare = Swift.min(Swift.min(marks, others), self ^ UInt8(ascii: "~"))
        return Swift.min(Swift.min(letter, common), rare)
    }

    /// 0 from `first` to `last`.
    private func misses(_ first: UInt8, _ last: UInt8) -> UInt8 {
        Swift.max(self &- first, last &- first) &- (last &- first)
    }

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
        let text = lowercased.utf8.span
        guard range.count == text.count else { return false }
        for index in text.indices where self[range.lowerBound + index].lowercased != text[index] { return false }
        return true
    }

    func equals(_ range: Range<Int>, _ text: String) -> Bool {
        let text = text.utf8.span
        guard range.count == text.count else { return false }
        for index in text.indices where self[range.lowerBound + index] != text[index] { return false }
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
        !range.isEmpty && endOfToken(range) == range.upperBound
    }

    /// The end of the token that `range` begins with.
    func endOfToken(_ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index < range.upperBound, self[index].isTokenCharacter { index += 1 }
        return index
    }

    /// The first byte of `range` that may not stand in a line, or its end.
    func endOfText(_ range: Range<Int>) -> Int {
        var index = range.lowerBound
        while index + Self.stride <= range.upperBound, isText(index..<index + Self.stride) { index += Self.stride }
        while index < range.upperBound, self[index].isFieldText { index += 1 }
        return index
    }

    /// Whether all bytes may stand in a path, `pchar` and `/` (RFC 3986 §3.3). A percent sign passes whatever follows
    /// it: who decodes it, judges it.
    func isPath(_ range: Range<Int>) -> Bool {
        var miss: UInt8 = 0
        for index in range { miss |= self[index].missesPath }
        return miss == 0
    }

    // A line is long where it has a task token in it. These have no branch in their loop: so the compiler takes 16
    // bytes at a time.

    private static var stride: Int { 32 }

    private func isText(_ range: Range<Int>) -> Bool {
        var miss: UInt8 = 0
        for index in range {
            let byte = self[index]
            miss |= (byte < .space ? 1 : 0) & (byte == .horizontalTab ? 0 : 1) | (byte == 0x7F ? 1 : 0)
        }
        return miss == 0
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
