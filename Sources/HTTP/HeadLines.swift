/// Finds the lines of a message's head, in bytes that may come in pieces (RFC 9112 §2.2).
///
/// It remembers how far it is: bytes that drip in cost no more than bytes that come at once.
struct HeadLines: Sendable {
    /// Where the line under way begins.
    private(set) var start = 0
    /// Everything before it is known to be text of the line under way.
    private var scanned = 0

    /// Whether a byte of the line under way has come.
    var isInLine: Bool { scanned > start }

    /// The next whole line without its CRLF. A line ends with CRLF and nothing else: a bare LF, which RFC 9112 §2.2
    /// would let pass, is a line end to one recipient and not to the next.
    ///
    /// - Parameters:
    ///   - bytes: all that came since the message's start: every time the same and more of it.
    ///   - textEnd: where the line's text must end at the latest.
    ///   - excess: what is thrown where it goes on.
    mutating func next(
        in bytes: Span<UInt8>, textEnd: Int, orThrow excess: ProtocolError
    ) throws(ProtocolError) -> Range<Int>? {
        let end = min(textEnd, bytes.count)
        let index = scanned < end ? bytes.endOfText(scanned..<end) : scanned
        scanned = index
        guard index < bytes.count else { return nil }
        if bytes[index].isFieldText { throw excess }
        guard bytes[index] == .carriageReturn else { throw .malformedRequest }
        guard index + 1 < bytes.count else { return nil }
        guard bytes[index + 1] == .lineFeed else { throw .malformedRequest }
        let line = start..<index
        start = index + 2
        scanned = start
        return line
    }
}

extension Span<UInt8> {
    /// A field's name and value in a line (RFC 9112 §5). A line that begins with white space (obs-fold, §5.2) has no
    /// token before its colon.
    func fieldLine(_ line: Range<Int>) throws(ProtocolError) -> (name: Range<Int>, value: Range<Int>) {
        let colon = endOfToken(line)
        guard colon > line.lowerBound, colon < line.upperBound, self[colon] == UInt8(ascii: ":") else {
            throw .malformedRequest
        }
        return (line.lowerBound..<colon, trimmed(colon + 1..<line.upperBound))
    }

    /// RFC 9112 §2.3: `HTTP/` in upper case, a digit, a dot, a digit.
    /// - Returns: the minor version of HTTP/1: 0 or 1.
    func minorVersion(_ range: Range<Int>) throws(ProtocolError) -> Int {
        let start = range.lowerBound
        guard range.count == 8, equals(start..<start + 5, "HTTP/"), self[start + 6] == UInt8(ascii: "."),
            self[start + 5].isASCIIDigit, self[start + 7].isASCIIDigit
        else { throw .malformedRequest }
        switch (self[start + 5], self[start + 7]) {
        case (UInt8(ascii: "1"), UInt8(ascii: "0")): return 0
        case (UInt8(ascii: "1"), UInt8(ascii: "1")): return 1
        default: throw .httpVersionNotSupported
        }
    }
}
