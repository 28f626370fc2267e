import Testing

@testable import HTTP

/// A message and the head it has. `clause` is where it is allowed; RFC 9112 where no other is named.
struct AcceptedRequest: Sendable, CustomTestStringConvertible {
    var clause: String
    var what: String
    var text: String
    var method = Method.get
    var path = "/"
    var query = ""
    var framing = BodyFraming.none
    var minorVersion = 1
    var keepAlive = true
    var expectsContinue = false
    var authority: String? = "h"
    var rest = ""
    var limits = Limits()

    init(_ clause: String, _ what: String, _ text: String, _ change: (inout AcceptedRequest) -> Void = { _ in }) {
        (self.clause, self.what, self.text) = (clause, what, text)
        change(&self)
    }

    var testDescription: String { "§\(clause): \(what)" }
}

extension AcceptedRequest {
    static let all = targets + lines + fields + framings + connections + limited

    static let targets: [AcceptedRequest] = [
        .init("3.2.1", "origin-form", message()),
        .init("3.2.1", "a path", message("GET /a/b HTTP/1.1")) { $0.path = "/a/b" },
        .init("3.2.1", "an empty path before the query", message("GET /?a=b HTTP/1.1")) { $0.query = "a=b" },
        .init("3.2.1", "the first question mark begins the query", message("GET /a?b/c?d HTTP/1.1")) {
            ($0.path, $0.query) = ("/a", "b/c?d")
        },
        .init("3.2.1", "an empty query", message("GET /a? HTTP/1.1")) { $0.path = "/a" },
        .init("3.2.1", "percent-encoding of a query is not undone", message("GET /a?%3F&%zz HTTP/1.1")) {
            ($0.path, $0.query) = ("/a", "%3F&%zz")
        },
        .init("3.2.1", "two slashes first", message("GET //x HTTP/1.1")) { $0.path = "//x" },
        .init("3.2.1", "dot segments are not normalised", message("GET /a/../b HTTP/1.1")) { $0.path = "/a/../b" },
        .init("3.2", "percent-encoding is not undone", message("GET /a%2Fb%252F HTTP/1.1")) { $0.path = "/a%2Fb%252F" },
        .init("3.2", "a token's slashes, pluses, equals signs", message("POST /tasks/A/+b==/heartbeat HTTP/1.1")) {
            ($0.method, $0.path) = (.post, "/tasks/A/+b==/heartbeat")
        },
        .init("3.2, RFC 3986 §3.3", "every character of a path", message("GET /-._~!$&'()*+,;=:@ HTTP/1.1")) {
            $0.path = "/-._~!$&'()*+,;=:@"
        },
        .init("3.2, RFC 3986 §2.1", "a stray percent sign is the route's", message("GET /%zz%2 HTTP/1.1")) {
            $0.path = "/%zz%2"
        },
        .init("3.2.2", "absolute-form, its authority wins", message("GET http://a.b:81/c?d HTTP/1.1")) {
            ($0.path, $0.query, $0.authority) = ("/c", "d", "a.b:81")
        },
        .init("3.2.2", "absolute-form, https, any case", message("GET HtTpS://a/ HTTP/1.1")) { $0.authority = "a" },
        .init("3.2.2", "absolute-form without a path", message("GET http://a HTTP/1.1")) { $0.authority = "a" },
        .init("3.2.2", "absolute-form, a query and no path", message("GET http://a?b HTTP/1.1")) {
            ($0.query, $0.authority) = ("b", "a")
        },
        .init("3.2.2", "absolute-form, IPv6", message("GET http://[::1]:8080/x HTTP/1.1")) {
            ($0.path, $0.authority) = ("/x", "[::1]:8080")
        },
        .init("3.2.4", "asterisk-form", message("OPTIONS * HTTP/1.1")) { ($0.method, $0.path) = (.options, "*") },
        .init("3.2.4", "OPTIONS of a whole server, absolute", message("OPTIONS http://a HTTP/1.1")) {
            ($0.method, $0.path, $0.authority) = (.options, "*", "a")
        },
        .init("3.2.4", "OPTIONS of a query, absolute", message("OPTIONS http://a?b HTTP/1.1")) {
            ($0.method, $0.query, $0.authority) = (.options, "b", "a")
        },
        .init("3.2.4", "OPTIONS of a path", message("OPTIONS / HTTP/1.1")) { $0.method = .options },
    ]

    static let lines: [AcceptedRequest] =
        Method.allCases.filter { $0 != .get }.map { method in
            .init("3.1, RFC 9110 §9", method.rawValue, message("\(method.rawValue) / HTTP/1.1")) { $0.method = method }
        } + [
            .init("2.2", "one empty line first", "\r\n" + message()),
            .init("2.3", "HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n") {
                ($0.minorVersion, $0.keepAlive, $0.authority) = (0, false, nil)
            },
            .init("2.3", "HTTP/1.0 with Host", message("GET / HTTP/1.0")) {
                ($0.minorVersion, $0.keepAlive) = (0, false)
            },
            .init("9.3.2", "what follows the head is left alone", message(rest: "GET / HTTP/1.1\r\n\u{0}")) {
                $0.rest = "GET / HTTP/1.1\r\n\u{0}"
            },
        ]

    static let fields: [AcceptedRequest] = [
        .init("5", "no white space after the colon", "GET / HTTP/1.1\r\nHost:h\r\n\r\n"),
        .init("5.1", "white space around the value", "GET / HTTP/1.1\r\nHost: \t h \t \r\n\r\n"),
        .init("5, RFC 9110 §5.1", "a name in another case", "GET / HTTP/1.1\r\nhOsT: h\r\n\r\n"),
        .init("5, RFC 9110 §5.5", "an empty value", message("GET / HTTP/1.1", "X:")),
        .init("5, RFC 9110 §5.5", "a value of white space", message("GET / HTTP/1.1", "X: \t ")),
        .init("5, RFC 9110 §5.5", "a tab in a value", message("GET / HTTP/1.1", "X: a\tb")),
        .init("5, RFC 9110 §5.5", "obs-text in a value", message("GET / HTTP/1.1", "X: \u{80}\u{FF}")),
        .init("5, RFC 9110 §5.5", "a colon in a value", message("GET / HTTP/1.1", "X: a:b")),
        .init("5, RFC 9110 §5.6.2", "every character of a name", message("GET / HTTP/1.1", "!#$%&'*+-.^_`|~09azAZ: x")),
        .init("5, RFC 9110 §5.3", "the same name twice", message("GET / HTTP/1.1", "X: a", "X: b")),
        .init("3.2, RFC 9110 §7.2", "Host with a port", "GET / HTTP/1.1\r\nHost: a.b:8080\r\n\r\n") {
            $0.authority = "a.b:8080"
        },
        .init("3.2, RFC 3986 §3.2.3", "Host with an empty port", "GET / HTTP/1.1\r\nHost: a:\r\n\r\n") {
            $0.authority = "a:"
        },
        .init("3.2, RFC 3986 §3.2.2", "Host, IPv6", "GET / HTTP/1.1\r\nHost: [fe80::1.2.3.4]\r\n\r\n") {
            $0.authority = "[fe80::1.2.3.4]"
        },
        .init("3.2, RFC 3986 §3.2.2", "Host, percent-encoded", "GET / HTTP/1.1\r\nHost: %C3%A4.b:1\r\n\r\n") {
            $0.authority = "%C3%A4.b:1"
        },
        .init("3.2", "Host not first", "GET / HTTP/1.1\r\nX: a\r\nHost: h\r\n\r\n"),
    ]

    static let framings: [AcceptedRequest] = [
        .init("6.3", "POST with neither length nor coding", post()) { $0.method = .post },
        .init("6.3", "PUT with neither length nor coding", message("PUT / HTTP/1.1")) { $0.method = .put },
        .init("6.2", "Content-Length", post("Content-Length: 5", rest: "hello")) {
            ($0.method, $0.framing, $0.rest) = (.post, .length(5), "hello")
        },
        .init("6.2", "Content-Length 0", post("Content-Length: 0")) { ($0.method, $0.framing) = (.post, .length(0)) },
        .init("6.2, RFC 9110 §8.6", "Content-Length with leading zeros", post("content-length: 000000000000000007")) {
            ($0.method, $0.framing) = (.post, .length(7))
        },
        .init("6.2, RFC 9110 §9.3.1", "a GET with content", message("GET / HTTP/1.1", "Content-Length: 1", rest: "x")) {
            ($0.framing, $0.rest) = (.length(1), "x")
        },
        .init("6.2", "HTTP/1.0 with Content-Length", message("POST / HTTP/1.0", "Content-Length: 1")) {
            ($0.method, $0.framing, $0.minorVersion, $0.keepAlive) = (.post, .length(1), 0, false)
        },
        .init("6.1", "chunked", post("Transfer-Encoding: chunked")) { ($0.method, $0.framing) = (.post, .chunked) },
        .init("7", "chunked in another case", post("TRANSFER-ENCODING: \tChunKED ")) {
            ($0.method, $0.framing) = (.post, .chunked)
        },
    ]

    static let connections: [AcceptedRequest] = [
        .init("9.3", "close", message("GET / HTTP/1.1", "Connection: close")) { $0.keepAlive = false },
        .init("9.3", "close in another case", message("GET / HTTP/1.1", "connection: CLOSE")) { $0.keepAlive = false },
        .init("9.3", "close in a list", message("GET / HTTP/1.1", "Connection: x , close,y")) { $0.keepAlive = false },
        .init("9.3", "close in a second line", message("GET / HTTP/1.1", "Connection: x", "Connection: close")) {
            $0.keepAlive = false
        },
        .init("9.3", "close wins", message("GET / HTTP/1.1", "Connection: close, keep-alive")) { $0.keepAlive = false },
        .init("9.3", "only the whole token is close", message("GET / HTTP/1.1", "Connection: closed, x-close")),
        .init(
            "RFC 9110 §7.8", "an upgrade is ignored",
            message("GET / HTTP/1.1", "Connection: upgrade", "Upgrade: h2c")),
        .init("9.3", "keep-alive", message("GET / HTTP/1.1", "Connection: keep-alive")),
        .init("9.3", "HTTP/1.0 keep-alive", message("GET / HTTP/1.0", "Connection: Keep-Alive")) {
            $0.minorVersion = 0
        },
        .init("9.3", "HTTP/1.0 keep-alive and close", message("GET / HTTP/1.0", "Connection: Keep-Alive, close")) {
            ($0.minorVersion, $0.keepAlive) = (0, false)
        },
        .init("9.6, RFC 9110 §5.6.1.2", "empty list elements", message("GET / HTTP/1.1", "Connection: , ,close,")) {
            $0.keepAlive = false
        },
        .init("9.6, RFC 9110 §5.6.1.2", "an empty list", message("GET / HTTP/1.1", "Connection:")),
        .init("RFC 9110 §10.1.1", "100-continue", post("Content-Length: 1", "Expect: 100-Continue")) {
            ($0.method, $0.framing, $0.expectsContinue) = (.post, .length(1), true)
        },
        .init(
            "RFC 9110 §10.1.1", "100-continue in HTTP/1.0 is ignored", message("GET / HTTP/1.0", "Expect: 100-continue")
        ) {
            ($0.minorVersion, $0.keepAlive) = (0, false)
        },
    ]

    static let limited: [AcceptedRequest] = [
        .init("3", "a request line at its limit", message("GET /234 HTTP/1.1")) {
            ($0.path, $0.limits.requestLineBytesMax) = ("/234", 17)
        },
        .init("2.2", "the empty line does not count", "\r\n" + message("GET /234 HTTP/1.1")) {
            ($0.path, $0.limits.requestLineBytesMax) = ("/234", 17)
        },
        .init("RFC 9110 §5.4, RFC 6585 §5", "fields at their limit in bytes", message("GET / HTTP/1.1", "X: 45")) {
            $0.limits.headerBytesMax = 16
        },
        .init("RFC 9110 §5.4, RFC 6585 §5", "fields at their limit in number", message("GET / HTTP/1.1", "X: 45")) {
            $0.limits.headerCountMax = 2
        },
        .init("RFC 9110 §15.5.14", "a body at its limit", post("Content-Length: 65536")) {
            ($0.method, $0.framing) = (.post, .length(65536))
        },
        .init("2.2", "as many empty lines as are allowed", "\r\n\r\n\r\n" + message()) {
            $0.limits.leadingEmptyLinesMax = 3
        },
    ]
}
