import Testing

@testable import HTTP

/// What a server sends, and what a client's reader makes of it. `clause` is the rule; RFC 9112 where no other is named.
struct SentResponse: Sendable, CustomTestStringConvertible {
    enum Expectation: Sendable, Equatable {
        case done(status: Int, body: String, keepAlive: Bool)
        case bad(ResponseFault)
    }

    var clause: String
    var what: String
    var text: String
    var expected: Expectation
    /// How many bytes at the end are not the response's.
    var restBytes = 0
    /// Whether the server closes after it, and has to for the response to have an end.
    var closes = false

    var testDescription: String { "§\(clause): \(what)" }

    static let limits: Limits = {
        var limits = Limits()
        (limits.requestLineBytesMax, limits.headerBytesMax, limits.headerCountMax) = (40, 100, 6)
        (limits.bodyBytesMax, limits.trailerBytesMax) = (20, 30)
        return limits
    }()

    static func good(
        _ clause: String, _ what: String, _ text: String, _ status: Int = 200, body: String = "",
        keepAlive: Bool = true,
        rest: String = "", closes: Bool = false
    ) -> SentResponse {
        SentResponse(
            clause: clause, what: what, text: text + rest,
            expected: .done(status: status, body: body, keepAlive: keepAlive), restBytes: rest.utf8.count,
            closes: closes
        )
    }

    static func bad(
        _ clause: String, _ what: String, _ text: String, _ fault: ResponseFault = .malformed, closes: Bool = false
    ) -> SentResponse {
        SentResponse(clause: clause, what: what, text: text, expected: .bad(fault), closes: closes)
    }

    /// A response with the field lines given.
    private static func response(
        _ fields: String..., line: String = "HTTP/1.1 200 OK", body: String = ""
    ) -> String {
        ([line] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    static let good: [SentResponse] = [
        good("6.2", "a length", response("Content-Length: 3", body: "[1]"), body: "[1]"),
        good("6.2", "a length of nothing", response("Content-Length: 0")),
        good("6.2", "the longest body", response("Content-Length: 20", body: longest), body: longest),
        good(
            "9.2", "the next one behind it", response("Content-Length: 1", body: "a"), body: "a", rest: "HTTP/1.1 200"),
        good(
            "7.1", "chunked", response("Transfer-Encoding: chunked", body: "2\r\n[1\r\n1;x=y\r\n]\r\n0\r\n\r\n"),
            body: "[1]"),
        good("7.1.2", "chunked with a trailer", response("Transfer-Encoding: chunked", body: "0\r\nA: b\r\n\r\n")),
        good("7", "chunked in other letters", response("transfer-encoding: Chunked", body: "0\r\n\r\n"), rest: "x"),
        good("6.3", "up to the close", response(body: "[1]"), body: "[1]", keepAlive: false, closes: true),
        good("6.3", "nothing up to the close", response(), keepAlive: false, closes: true),
        good(
            "6.3", "the longest up to the close", response(body: longest), body: longest, keepAlive: false, closes: true
        ),
        good("6.3", "204 has no body", response("Content-Length: 3", line: "HTTP/1.1 204 a"), 204, rest: "abc"),
        good("6.3", "304 has no body", response("Transfer-Encoding: chunked", line: "HTTP/1.1 304 a"), 304, rest: "0"),
        good("4", "no reason", response("Content-Length: 0", line: "HTTP/1.1 503 "), 503),
        good("4", "no reason and no space", response("Content-Length: 0", line: "HTTP/1.1 404"), 404),
        good("4", "a reason of any text", response("Content-Length: 0", line: "HTTP/1.1 400 a\t\u{E9} : b"), 400),
        good("4", "a status nobody knows", response("Content-Length: 0", line: "HTTP/1.1 799 a"), 799),
        good("9.3", "close", response("Connection: close", "Content-Length: 0"), keepAlive: false),
        good("9.3", "close in a list", response("Connection: a, Close", "Content-Length: 0"), keepAlive: false),
        good("9.3", "HTTP/1.0", response("Content-Length: 0", line: "HTTP/1.0 200 OK"), keepAlive: false),
        good(
            "9.3", "HTTP/1.0 that keeps",
            response("Connection: keep-alive", "Content-Length: 1", line: "HTTP/1.0 200 OK", body: "a"), body: "a"),
        good(
            "RFC 9110 §15.2", "100 before it", response(line: "HTTP/1.1 100 Continue") + response("Content-Length: 0")),
        good(
            "RFC 9110 §15.2", "several interim responses",
            response("A: b", "Content-Length: 9", line: "HTTP/1.1 102 a") + response(line: "HTTP/1.1 103")
                + response("Content-Length: 1", body: "a"), body: "a"),
        good("5.5", "a value without white space around it", response("Content-Length:\t 1 \t", body: "a"), body: "a"),
        good("5", "the largest header section", response("X: \(filler(76))", "Content-Length: 0")),
        good("5", "the most fields", response("A: b", "A: b", "A: b", "A: b", "A: b", "Content-Length: 0")),
        good(
            "RFC 9110 §7.8", "fields that mean something in requests only",
            response("Host: a, b", "Host: ", "Expect: x", "Content-Length: 0")),
    ]

    static let bad: [SentResponse] = [
        bad("2.1", "nothing", "", .truncated, closes: true),
        bad("4", "a banner", "220 mail.example ESMTP\r\n", .notHTTP),
        bad("4", "a TLS alert", "\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}\u{A}", .notHTTP),
        bad("4", "an empty line first", "\r\n" + response("Content-Length: 0"), .notHTTP),
        bad("4", "a line without end", filler(41), .notHTTP),
        bad("4", "a request", "POST / HTTP/1.1\r\n", .notHTTP),
        bad("2.3", "HTTP/2", "HTTP/2 200\r\n", .notHTTP),
        bad("2.3", "HTTP/2.0", "HTTP/2.0 200 OK\r\n", .notHTTP),
        bad("2.3", "HTTP/1.2", "HTTP/1.2 200 OK\r\n", .notHTTP),
        bad("2.3", "small letters", "http/1.1 200 OK\r\n", .notHTTP),
        bad("4", "two digits", "HTTP/1.1 20 OK\r\n", .notHTTP),
        bad("4", "four digits", "HTTP/1.1 2000 OK\r\n", .notHTTP),
        bad("4", "a status below 100", "HTTP/1.1 099 OK\r\n", .notHTTP),
        bad("4", "a status that is no number", "HTTP/1.1 2x0 OK\r\n", .notHTTP),
        bad("4", "two spaces", "HTTP/1.1  200 OK\r\n", .notHTTP),
        bad("2.2", "bare LF after the status line", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", .notHTTP),
        bad("2.2", "bare LF after a field", "HTTP/1.1 200 OK\r\nContent-Length: 0\n\r\n"),
        bad("2.2", "bare CR in a value", response("X: a\rb")),
        bad("5.2", "a folded line", response("X: a", " b")),
        bad("5", "a line without a colon", response("X")),
        bad("5.1", "a space before the colon", response("Content-Length : 0")),
        bad("5.5", "NUL in a value", response("X: \u{0}")),
        bad("6.3", "a length that is no number", response("Content-Length: x")),
        bad("6.3", "a length below zero", response("Content-Length: -1")),
        bad("6.3", "an empty length", response("Content-Length:")),
        bad("6.3", "two lengths", response("Content-Length: 1", "Content-Length: 2")),
        bad("6.3", "a length twice", response("Content-Length: 1", "Content-Length: 1")),
        bad("6.3", "a length beside chunks", response("Content-Length: 1", "Transfer-Encoding: chunked")),
        bad("6.1", "chunks in HTTP/1.0", response("Transfer-Encoding: chunked", line: "HTTP/1.0 200 OK")),
        bad("6.1", "a coding nobody asked for", response("Transfer-Encoding: gzip, chunked")),
        bad("6.1", "not chunked in the end", response("Transfer-Encoding: gzip")),
        bad("7.1", "a bad chunk", response("Transfer-Encoding: chunked", body: "xyz\r\n")),
        bad("RFC 9110 §15.2.2", "other protocols", response("Upgrade: h2c", line: "HTTP/1.1 101 a")),
        bad("6.2", "announced a byte too long", response("Content-Length: 21"), .tooLarge),
        bad("7.1", "a chunk too long", response("Transfer-Encoding: chunked", body: "15\r\n"), .tooLarge),
        bad("6.3", "endless", response(body: longest + "x"), .tooLarge),
        bad("5", "a header section too large", response("X: \(filler(77))", "Content-Length: 0"), .tooLarge),
        bad("5", "too many fields", response("A:", "A:", "A:", "A:", "A:", "A:", "Content-Length: 0"), .tooLarge),
        bad(
            "7.1.2", "trailers too large", response("Transfer-Encoding: chunked", body: "0\r\nA: \(filler(30))"),
            .tooLarge),
        bad(
            "RFC 9110 §15.2", "interim responses without end",
            String(repeating: response(line: "HTTP/1.1 102 a"), count: 6), .tooLarge),
        bad("8", "closed in the head", "HTTP/1.1 200 OK\r\nConte", .truncated, closes: true),
        bad("8", "closed in the body", response("Content-Length: 2", body: "a"), .truncated, closes: true),
        bad("8", "closed in a chunk", response("Transfer-Encoding: chunked", body: "9\r\na"), .truncated, closes: true),
        bad("8", "closed after 100", response(line: "HTTP/1.1 100 Continue"), .truncated, closes: true),
    ]

    private static let longest = filler(20)

    private static func filler(_ count: Int) -> String { String(repeating: "x", count: count) }
}
