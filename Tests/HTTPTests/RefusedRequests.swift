import Testing

@testable import HTTP

/// A message and what it is refused with. `clause` is the rule it breaks; RFC 9112 where no other is named.
struct RefusedRequest: Sendable, CustomTestStringConvertible {
    var error: ProtocolError
    var clause: String
    var what: String
    var text: String
    var limits = Limits()

    init(
        _ error: ProtocolError, _ clause: String, _ what: String, _ text: String,
        _ change: (inout Limits) -> Void = { _ in }
    ) {
        (self.error, self.clause, self.what, self.text) = (error, clause, what, text)
        change(&limits)
    }

    /// 400.
    static func bad(_ clause: String, _ what: String, _ text: String) -> RefusedRequest {
        RefusedRequest(.malformedRequest, clause, what, text)
    }

    var testDescription: String { "§\(clause): \(what)" }
}

extension RefusedRequest {
    static let all = lineEnds + lines + targets + fields + hosts + lengths + codings + others + limited

    static let lineEnds: [RefusedRequest] = [
        .bad("2.2", "bare LF after the request line", "GET / HTTP/1.1\nHost: h\r\n\r\n"),
        .bad("2.2", "bare LF after a field", "GET / HTTP/1.1\r\nHost: h\n\r\n"),
        .bad("2.2", "bare LF as the last line", "GET / HTTP/1.1\r\nHost: h\r\n\n"),
        .bad("2.2", "bare LF first", "\n" + message()),
        .bad("2.2", "bare LF everywhere", "GET / HTTP/1.1\nHost: h\n\n"),
        .bad("2.2", "bare LF in a value", message("GET / HTTP/1.1", "X: a\nY: b")),
        .bad("2.2", "bare CR in the request line", message("GET /\r HTTP/1.1")),
        .bad("2.2", "bare CR in a name", message("GET / HTTP/1.1", "X\rY: a")),
        .bad("2.2", "bare CR in a value", message("GET / HTTP/1.1", "X: a\rb")),
        .bad("2.2", "CR CR LF", "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n"),
        .bad("2.2", "LF CR", "GET / HTTP/1.1\n\rHost: h\r\n\r\n"),
        .bad("2.2", "two empty lines first", "\r\n\r\n" + message()),
        .bad("2.2", "white space on the line before the first field", "GET / HTTP/1.1\r\n Host: h\r\n\r\n"),
        .bad("5.2", "obs-fold with a space", message("GET / HTTP/1.1", "X: a", " b")),
        .bad("5.2", "obs-fold with a tab", message("GET / HTTP/1.1", "X: a", "\tb")),
        .bad("5.2", "obs-fold that looks like a field", message("GET / HTTP/1.1", "X: a", " Y: b")),
        .bad("2.2", "a line of white space", message("GET / HTTP/1.1", " ")),
    ]

    static let lines: [RefusedRequest] = [
        .bad("3", "two spaces before the target", message("GET  / HTTP/1.1")),
        .bad("3", "two spaces after the target", message("GET /  HTTP/1.1")),
        .bad("3", "a space first", message(" GET / HTTP/1.1")),
        .bad("3", "a space last", message("GET / HTTP/1.1 ")),
        .bad("3", "a tab for a space", message("GET\t/ HTTP/1.1")),
        .bad("3", "a tab beside a space", message("GET /\t HTTP/1.1")),
        .bad("3.2", "a space in the target", message("GET /a b HTTP/1.1")),
        .bad("3", "no target", message("GET HTTP/1.1")),
        .bad("3", "HTTP/0.9", "GET /\r\n\r\n"),
        .bad("3", "one word", "GET\r\n\r\n"),
        .bad("3.1", "no method", message(" / HTTP/1.1")),
        .bad("3.1", "a method that is no token", message("GE(T / HTTP/1.1")),
        .bad("3.1", "a method with a colon", message("GET: / HTTP/1.1")),
        .bad("3.1", "a method beyond ASCII", message("G\u{C9}T / HTTP/1.1")),
        .bad("3", "NUL in the line", message("GET /\u{0} HTTP/1.1")),
        .bad("3", "a TLS hello", "\u{16}\u{03}\u{01}\u{02}"),
        .bad("2.3", "the version in lower case", message("GET / http/1.1")),
        .bad("2.3", "no minor version", message("GET / HTTP/1")),
        .bad("2.3", "two digits", message("GET / HTTP/1.10")),
        .bad("2.3", "a comma", message("GET / HTTP/1,1")),
        .bad("2.3", "a letter", message("GET / HTTP/1.x")),
        .bad("2.3", "another protocol", message("GET / ICY/1.1")),
        .bad("2.3", "no digits", message("GET / HTTP/")),
        .bad("2.3", "a sign", message("GET / HTTP/+.1")),
        .init(.httpVersionNotSupported, "2.3", "HTTP/2.0", message("GET / HTTP/2.0")),
        .init(.httpVersionNotSupported, "2.3", "HTTP/0.9 by name", message("GET / HTTP/0.9")),
        .init(.httpVersionNotSupported, "2.3", "HTTP/1.2", message("GET / HTTP/1.2")),
        .init(
            .httpVersionNotSupported, "2.3, RFC 9113 §3.4", "the preface of HTTP/2",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        .init(.notImplemented, "3.1, RFC 9110 §9.1", "an unknown method", message("BREW / HTTP/1.1")),
        .init(.notImplemented, "3.1, RFC 9110 §9.1", "methods are case-sensitive", message("get / HTTP/1.1")),
        .init(.notImplemented, "3.1, RFC 9110 §9.1", "a longer method", message("GETS / HTTP/1.1")),
        .init(
            .notImplemented, "3.1, RFC 9110 §9.1", "every character of a token", message("!#$%&'*+-.^_`|~ / HTTP/1.1")),
    ]

    static let targets: [RefusedRequest] = [
        .bad("3.2", "a relative path", message("GET a/b HTTP/1.1")),
        .bad("3.2", "a query alone", message("GET ?a HTTP/1.1")),
        .bad("3.2", "a fragment", message("GET /a#b HTTP/1.1")),
        .bad("3.2", "a fragment after the query", message("GET /a?b#c HTTP/1.1")),
        .bad("3.2, RFC 3986 §3.3", "a backslash", message("GET /a\\b HTTP/1.1")),
        .bad("3.2, RFC 3986 §3.3", "a quotation mark", message("GET /\" HTTP/1.1")),
        .bad("3.2, RFC 3986 §3.4", "angle brackets in the query", message("GET /?<a> HTTP/1.1")),
        .bad("3.2, RFC 3986 §3.3", "braces", message("GET /{a} HTTP/1.1")),
        .bad("3.2, RFC 3986 §3.3", "square brackets", message("GET /[a] HTTP/1.1")),
        .bad("3.2, RFC 3986 §2", "beyond ASCII", message("GET /\u{C3}\u{A4} HTTP/1.1")),
        .bad("3.2", "DEL", message("GET /\u{7F} HTTP/1.1")),
        .bad("3.2.2", "another scheme", message("GET ftp://a/ HTTP/1.1")),
        .bad("3.2.2", "a scheme without slashes", message("GET http:a HTTP/1.1")),
        .bad("3.2.2, RFC 9110 §4.2.1", "no host", message("GET http:///a HTTP/1.1")),
        .bad("3.2.2, RFC 9110 §4.2.1", "a port and no host", message("GET http://:80/ HTTP/1.1")),
        .bad("3.2.2, RFC 9110 §4.2.4", "user information", message("GET http://u:p@a/ HTTP/1.1")),
        .bad("3.2.2", "a port that is no number", message("GET http://a:b/ HTTP/1.1")),
        .bad("3.2.2", "absolute-form, Host missing", "GET http://a/ HTTP/1.1\r\n\r\n"),
        .bad("3.2.3", "authority-form for GET", message("GET a.b:443 HTTP/1.1")),
        .init(.notImplemented, "3.2.3, RFC 9110 §9.3.6", "CONNECT", message("CONNECT a.b:443 HTTP/1.1")),
        .init(.notImplemented, "3.2.3, RFC 9110 §9.3.6", "CONNECT without a port", message("CONNECT a.b HTTP/1.1")),
        .bad("3.2.4", "asterisk-form for GET", message("GET * HTTP/1.1")),
        .bad("3.2.4", "two asterisks", message("OPTIONS ** HTTP/1.1")),
    ]

    static let fields: [RefusedRequest] = [
        .bad("5.1", "a space before the colon", message("GET / HTTP/1.1", "X : a")),
        .bad("5.1", "a tab before the colon", message("GET / HTTP/1.1", "X\t: a")),
        .bad("5.1", "a space before the colon of Content-Length", post("Content-Length : 5")),
        .bad("5", "no colon", message("GET / HTTP/1.1", "X")),
        .bad("5", "no name", message("GET / HTTP/1.1", ": a")),
        .bad("5, RFC 9110 §5.1", "a space in a name", message("GET / HTTP/1.1", "X Y: a")),
        .bad("5, RFC 9110 §5.1", "parentheses in a name", message("GET / HTTP/1.1", "X(Y): a")),
        .bad("5, RFC 9110 §5.1", "a name in quotation marks", message("GET / HTTP/1.1", "\"X\": a")),
        .bad("5, RFC 9110 §5.1", "a name beyond ASCII", message("GET / HTTP/1.1", "X\u{E9}: a")),
        .bad("5, RFC 9110 §5.5", "NUL in a name", message("GET / HTTP/1.1", "X\u{0}: a")),
        .bad("5, RFC 9110 §5.5", "NUL in a value", message("GET / HTTP/1.1", "X: a\u{0}b")),
        .bad("5, RFC 9110 §5.5", "a vertical tab in a value", message("GET / HTTP/1.1", "X: \u{0B}")),
        .bad("5, RFC 9110 §5.5", "escape in a value", message("GET / HTTP/1.1", "X: \u{1B}[0m")),
        .bad("5, RFC 9110 §5.5", "DEL in a value", message("GET / HTTP/1.1", "X: \u{7F}")),
    ]

    static let hosts: [RefusedRequest] = [
        .bad("3.2", "no Host", "GET / HTTP/1.1\r\n\r\n"),
        .bad("3.2", "no Host among others", "GET / HTTP/1.1\r\nHostname: h\r\nX-Host: h\r\n\r\n"),
        .bad("3.2", "Host twice", message("GET / HTTP/1.1", "Host: g")),
        .bad("3.2", "Host twice, equal", message("GET / HTTP/1.1", "host: h")),
        .bad("3.2", "Host twice in HTTP/1.0", message("GET / HTTP/1.0", "Host: h")),
        .bad("3.2, RFC 9110 §4.2.1", "Host empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n"),
        .bad("3.2, RFC 9110 §7.2", "a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n"),
        .bad("3.2, RFC 9110 §7.2", "a path in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"),
        .bad("3.2, RFC 9110 §7.2", "a user in Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"),
        .bad("3.2, RFC 9110 §7.2", "a scheme in Host", "GET / HTTP/1.1\r\nHost: http://a\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.3", "a port over 65535", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.3", "a port of six digits", "GET / HTTP/1.1\r\nHost: a:000080\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.3", "a negative port", "GET / HTTP/1.1\r\nHost: a:-1\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.3", "two ports", "GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "IPv6 without brackets", "GET / HTTP/1.1\r\nHost: ::1\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "a bracket not closed", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "a name in brackets", "GET / HTTP/1.1\r\nHost: [a.b]\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "no IPv6 address", "GET / HTTP/1.1\r\nHost: [::.]\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "nine groups", "GET / HTTP/1.1\r\nHost: [1:2:3:4:5:6:7:8:9]\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "two gaps", "GET / HTTP/1.1\r\nHost: [1::2::3]\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "IPv4 in brackets", "GET / HTTP/1.1\r\nHost: [192.0.2.1]\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "a zone", "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "the future's address", "GET / HTTP/1.1\r\nHost: [v1.a:b:c]\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "text after the bracket", "GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "half a percent-encoding", "GET / HTTP/1.1\r\nHost: a%2\r\n\r\n"),
        .bad("3.2, RFC 3986 §3.2.2", "beyond ASCII", "GET / HTTP/1.1\r\nHost: \u{E4}.b\r\n\r\n"),
    ]

    static let lengths: [RefusedRequest] = [
        .bad("6.3, RFC 9110 §8.6", "a plus sign", post("Content-Length: +5")),
        .bad("6.3, RFC 9110 §8.6", "a minus sign", post("Content-Length: -5")),
        .bad("6.3, RFC 9110 §8.6", "empty", post("Content-Length:")),
        .bad("6.3, RFC 9110 §8.6", "a space between digits", post("Content-Length: 1 0")),
        .bad("6.3, RFC 9110 §8.6", "hexadecimal", post("Content-Length: 0x5")),
        .bad("6.3, RFC 9110 §8.6", "a fraction", post("Content-Length: 5.0")),
        .bad("6.3, RFC 9110 §8.6", "a letter", post("Content-Length: 5a")),
        .bad("6.3, RFC 9110 §8.6", "19 digits", post("Content-Length: 0000000000000000005")),
        .bad("6.3, RFC 9110 §8.6", "2^64 + 5", post("Content-Length: 18446744073709551621")),
        .bad("6.3", "two equal lines", post("Content-Length: 5", "Content-Length: 5")),
        .bad("6.3", "two different lines", post("Content-Length: 5", "Content-Length: 6")),
        .bad("6.3", "different lines in different case", post("Content-Length: 5", "content-length: 6")),
        .bad("6.3", "an equal list", post("Content-Length: 5, 5")),
        .bad("6.3", "a different list", post("Content-Length: 5,6")),
        .bad("6.3", "an open list", post("Content-Length: 5,")),
        .init(.contentTooLarge, "RFC 9110 §15.5.14", "over the limit", post("Content-Length: 65537")),
        .init(.contentTooLarge, "RFC 9110 §15.5.14", "18 digits", post("Content-Length: 999999999999999999")),
    ]

    static let codings: [RefusedRequest] = [
        .bad("6.1, 11.2", "Content-Length, then chunked", post("Content-Length: 5", "Transfer-Encoding: chunked")),
        .bad("6.1, 11.2", "chunked, then Content-Length", post("Transfer-Encoding: chunked", "Content-Length: 5")),
        .bad("6.1, 11.2", "chunked, then Content-Length 0", post("Transfer-Encoding: chunked", "Content-Length: 0")),
        .bad("6.1", "HTTP/1.0", message("POST / HTTP/1.0", "Transfer-Encoding: chunked")),
        .bad("6.1", "chunked twice", post("Transfer-Encoding: chunked, chunked")),
        .bad("6.1", "chunked in two lines", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")),
        .bad("6.3", "chunked not last", post("Transfer-Encoding: chunked, gzip")),
        .bad("6.3", "no chunked at all", post("Transfer-Encoding: gzip")),
        .bad("6.3", "identity", post("Transfer-Encoding: identity")),
        .bad("6.3", "xchunked", post("Transfer-Encoding: xchunked")),
        .bad("6.1", "empty", post("Transfer-Encoding:")),
        .bad("6.1", "an empty element", post("Transfer-Encoding: chunked,")),
        .bad("6.1", "an empty element first", post("Transfer-Encoding: ,chunked")),
        .bad("7.1", "chunked with a parameter", post("Transfer-Encoding: chunked;a=b")),
        .bad("7.1", "chunked with a parameter, then chunked", post("Transfer-Encoding: chunked;a=b, chunked")),
        .bad("7", "no token", post("Transfer-Encoding: \"chunked\"")),
        .bad("7", "two words", post("Transfer-Encoding: x chunked")),
        .bad("5, RFC 9110 §5.5", "a vertical tab before it", post("Transfer-Encoding: \u{0B}chunked")),
        .init(.notImplemented, "6.1", "an unknown coding before chunked", post("Transfer-Encoding: gzip, chunked")),
        .init(.notImplemented, "6.1", "one with parameters", post("Transfer-Encoding: x;a=b ,y, chunked")),
    ]

    static let others: [RefusedRequest] = [
        .bad(
            "9.6, RFC 9110 §7.6.1", "a Connection option that is no token", message("GET / HTTP/1.1", "Connection: a b")
        ),
        .bad("9.6, RFC 9110 §7.6.1", "one in quotation marks", message("GET / HTTP/1.1", "Connection: x, \"close\"")),
        .init(.expectationFailed, "RFC 9110 §10.1.1", "another expectation", post("Expect: 200-ok")),
        .init(.expectationFailed, "RFC 9110 §10.1.1", "one more", post("Expect: 100-continue, x")),
        .init(.expectationFailed, "RFC 9110 §10.1.1", "none", post("Expect:")),
        .init(.expectationFailed, "RFC 9110 §10.1.1", "a parameter", post("Expect: 100-continue;a=b")),
    ]

    static let limited: [RefusedRequest] = [
        .init(.uriTooLong, "3", "a request line over its limit", message("GET /234 HTTP/1.1")) {
            $0.requestLineBytesMax = 16
        },
        .init(.uriTooLong, "3", "without an end", "GET /234") { $0.requestLineBytesMax = 7 },
        .init(.uriTooLong, "3", "after an empty line", "\r\n" + message("GET /234 HTTP/1.1")) {
            $0.requestLineBytesMax = 16
        },
        .init(.requestHeaderFieldsTooLarge, "RFC 9110 §5.4, RFC 6585 §5", "bytes", message("GET / HTTP/1.1", "X: 45")) {
            $0.headerBytesMax = 15
        },
        .init(
            .requestHeaderFieldsTooLarge, "RFC 9110 §5.4, RFC 6585 §5", "an empty field more",
            message("GET / HTTP/1.1", "X:")
        ) {
            $0.headerBytesMax = 9
        },
        .init(
            .requestHeaderFieldsTooLarge, "RFC 9110 §5.4, RFC 6585 §5", "a line without an end",
            "GET / HTTP/1.1\r\nHost: h"
        ) {
            $0.headerBytesMax = 8
        },
        .init(.requestHeaderFieldsTooLarge, "RFC 9110 §5.4, RFC 6585 §5", "fields", message("GET / HTTP/1.1", "X: 45"))
        {
            $0.headerCountMax = 1
        },
        .init(.contentTooLarge, "RFC 9110 §15.5.14", "a small body limit", post("Content-Length: 6")) {
            $0.bodyBytesMax = 5
        },
        .init(.malformedRequest, "2.2", "an empty line where none is allowed", "\r\n" + message()) {
            $0.leadingEmptyLinesMax = 0
        },
    ]
}
