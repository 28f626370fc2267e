import Testing

@testable import HTTP

/// A chunked body and what comes of it. `clause` is the rule; RFC 9112 where no other is named.
struct ChunkedBody: Sendable, CustomTestStringConvertible {
    var clause: String
    var what: String
    var bytes: String
    /// nil: refused with `error`.
    var body: String?
    var error = ProtocolError.malformedRequest
    /// What follows the body and is not its own.
    var rest = ""

    static func good(_ clause: String, _ what: String, _ bytes: String, _ body: String, rest: String = "") -> Self {
        ChunkedBody(clause: clause, what: what, bytes: bytes, body: body, rest: rest)
    }

    static func bad(
        _ clause: String, _ what: String, _ bytes: String, _ error: ProtocolError = .malformedRequest
    ) -> Self {
        ChunkedBody(clause: clause, what: what, bytes: bytes, body: nil, error: error)
    }

    var testDescription: String { "§\(clause): \(what)" }

    static let limits: Limits = {
        var limits = Limits()
        (limits.bodyBytesMax, limits.chunkLineBytesMax) = (20, 18)
        (limits.chunkExtensionBytesMax, limits.trailerBytesMax) = (24, 16)
        return limits
    }()
}

extension ChunkedBody {
    static let good: [ChunkedBody] = [
        .good("7.1", "no chunk", "0\r\n\r\n", ""),
        .good("7.1", "one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"),
        .good("7.1", "two chunks", "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "hello"),
        .good(
            "7.1", "hexadecimal in both cases", "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
            "01234567890123456789"),
        .good("7.1", "leading zeros, 16 digits", "0000000000000005\r\nhello\r\n00\r\n\r\n", "hello"),
        .good("7.1", "line ends in the data", "4\r\n\r\n\n\r\r\n0\r\n\r\n", "\r\n\n\r"),
        .good("7.1", "any byte in the data", "3\r\n\u{0}\u{FF}0\r\n0\r\n\r\n", "\u{0}\u{FF}0"),
        .good("7.1", "the body at its limit", "14\r\n01234567890123456789\r\n0\r\n\r\n", "01234567890123456789"),
        .good("7.1", "what follows is left alone", "1\r\na\r\n0\r\n\r\nGET /", "a", rest: "GET /"),
        .good("7.1.1", "an extension", "1;a\r\nx\r\n0;b=c\r\n\r\n", "x"),
        .good("7.1.1", "several, one quoted", "1;a=\"\\\";\";b;c=d\r\nx\r\n0\r\n\r\n", "x"),
        .good("7.1.1", "an empty quoted value", "1;a=\"\"\r\nx\r\n0\r\n\r\n", "x"),
        .good("7.1.1", "a line at its limit", "1;2345678901234567\r\nx\r\n0\r\n\r\n", "x"),
        .good("7.1.2", "trailers are dropped", "1\r\na\r\n0\r\nX: y\r\nZ:\r\n\r\n", "a"),
        .good("7.1.2", "trailers at their limit", "0\r\nX: 45678901234\r\n\r\n", ""),
    ]

    static let bad: [ChunkedBody] = [
        .bad("7.1", "no size", "\r\n\r\n"),
        .bad("7.1", "an extension without a size", ";a\r\n"),
        .bad("7.1", "bare LF after the size", "5\nhello\r\n0\r\n\r\n"),
        .bad("7.1", "bare CR after the size", "5\rhello\r\n0\r\n\r\n"),
        .bad("7.1", "a space before the size", " 5\r\nhello\r\n"),
        .bad("7.1", "a space after the size", "5 \r\nhello\r\n"),
        .bad("7.1", "a tab after the size", "5\t\r\nhello\r\n"),
        .bad("7.1", "a space before the extension", "5 ;a\r\nhello\r\n"),
        .bad("7.1", "0x", "0x5\r\nhello\r\n"),
        .bad("7.1", "a plus sign", "+5\r\nhello\r\n"),
        .bad("7.1", "a minus sign", "-5\r\nhello\r\n"),
        .bad("7.1", "a letter beyond F", "g\r\n"),
        .bad("7.1", "an underscore", "1_0\r\n"),
        .bad("7.1", "17 digits", "00000000000000005\r\nhello\r\n"),
        .bad("7.1", "no CRLF after the data", "5\r\nhello0\r\n\r\n"),
        .bad("7.1", "another byte for the CR after the data", "5\r\nhello0\n0\r\n\r\n"),
        .bad("7.1", "bare LF after the data", "5\r\nhello\n0\r\n\r\n"),
        .bad("7.1", "bare CR after the data", "5\r\nhello\r0\r\n\r\n"),
        .bad("7.1", "more data than said", "4\r\nhello\r\n0\r\n\r\n"),
        .bad("7.1", "bare LF at the very end", "0\r\n\n"),
        .bad("7.1", "bare LF after the last chunk", "0\n\r\n"),
        .bad("7.1", "CR CR LF at the very end", "0\r\n\r\r\n"),
        .bad("7.1.1", "an empty extension", "1;\r\na\r\n"),
        .bad("7.1.1", "two semicolons", "1;;a\r\na\r\n"),
        .bad("7.1.1", "no name", "1;=a\r\na\r\n"),
        .bad("7.1.1", "no value", "1;a=\r\na\r\n"),
        .bad("7.1.1", "a space in it", "1; a\r\na\r\n"),
        .bad("7.1.1", "text after the quotation mark", "1;a=\"b\"c\r\na\r\n"),
        .bad("7.1.1", "a quotation mark not closed", "1;a=\"b\r\na\r\n"),
        .bad("7.1.1", "CRLF between quotation marks", "1;a=\"\r\n\"\r\na\r\n"),
        .bad("7.1.1", "LF in an extension", "1;a\nb\r\na\r\n"),
        .bad("7.1.1", "CR in an extension", "1;a\rb\r\na\r\n"),
        .bad("7.1.1", "escaped LF", "1;a=\"\\\n\"\r\na\r\n"),
        .bad("7.1.1", "NUL in an extension", "1;a=\"\u{0}\"\r\na\r\n"),
        .bad("7.1.1", "a line over its limit", "1;23456789012345678\r\na\r\n"),
        .bad("7.1.1", "extensions over their limit together", "1;2345678901234\r\na\r\n1;2345678901\r\na\r\n"),
        .bad("7.1", "a chunk over the limit", "15\r\n", .contentTooLarge),
        .bad("7.1", "chunks over the limit", "a\r\n0123456789\r\nb\r\n", .contentTooLarge),
        .bad("7.1", "the largest chunk there is", "FFFFFFFFFFFFFFFF\r\n", .contentTooLarge),
        .bad("7.1", "the largest there is, after another", "1\r\na\r\nFFFFFFFFFFFFFFFF\r\n", .contentTooLarge),
        .bad("7.1.1", "one over the limit, before its extension", "15;", .contentTooLarge),
        .bad("7.1.2", "a trailer without a colon", "0\r\nX\r\n\r\n"),
        .bad("7.1.2", "a trailer without a name", "0\r\n: y\r\n\r\n"),
        .bad("7.1.2", "a space before the colon", "0\r\nX : y\r\n\r\n"),
        .bad("7.1.2", "a trailer folded", "0\r\nX: y\r\n z\r\n\r\n"),
        .bad("7.1.2", "bare LF after a trailer", "0\r\nX: y\n\r\n"),
        .bad("7.1.2", "bare CR in a trailer", "0\r\nX: y\rz\r\n\r\n"),
        .bad("7.1.2", "NUL in a trailer", "0\r\nX: \u{0}\r\n\r\n"),
        .bad("7.1.2", "a request for a trailer", "0\r\nGET / HTTP/1.1\r\n\r\n"),
        .bad("7.1.2", "trailers over their limit", "0\r\nX: 456789012345\r\n\r\n", .requestHeaderFieldsTooLarge),
    ]
}

struct ChunkedDecoderTests {
    /// Feeds the pieces between the cuts, what is not used is offered again.
    private func decode(_ bytes: [UInt8], cuts: some Sequence<Int>) -> (
        used: Int, progress: BodyProgress, body: [UInt8]
    ) {
        var decoder = ChunkedDecoder(limits: ChunkedBody.limits)
        var (used, body) = (0, [UInt8]())
        var progress = BodyProgress.partial
        for cut in Array(cuts) + [bytes.count] where progress == .partial {
            let new = decoder.decode(bytes.span.extracting(used..<cut), into: &body)
            progress = new.progress
            used += new.used
        }
        return (used, progress, body)
    }

    @Test(arguments: ChunkedBody.good)
    func `a valid body is decoded, however it is cut`(_ row: ChunkedBody) {
        let bytes = octets(row.bytes)
        let expected = octets(row.body ?? "")
        for cuts in (0...bytes.count).map({ [$0] }) + [Array(0...bytes.count)] {
            let (used, progress, body) = decode(bytes, cuts: cuts)
            #expect(progress == .done, "\(cuts)")
            #expect(body == expected, "\(cuts)")
            #expect(used == bytes.count - row.rest.utf8.count, "\(cuts)")
        }
        for length in 0..<bytes.count - row.rest.utf8.count {
            #expect(decode(Array(bytes[..<length]), cuts: []).progress == .partial, "\(length) bytes")
        }
    }

    @Test(arguments: ChunkedBody.bad)
    func `a bad body is refused, however it is cut`(_ row: ChunkedBody) {
        let bytes = octets(row.bytes)
        for cuts in (0...bytes.count).map({ [$0] }) + [Array(0...bytes.count)] {
            #expect(decode(bytes, cuts: cuts).progress == .bad(row.error), "\(cuts)")
        }
    }

    @Test func `a chunk too large is refused before its data comes`() {
        #expect(decode(octets("15\r"), cuts: []).progress == .bad(.contentTooLarge))
    }
}
