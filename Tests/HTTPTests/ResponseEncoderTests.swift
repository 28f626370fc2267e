import Testing

@testable import HTTP

struct ResponseEncoderTests {
    private let date = HTTPDate(secondsSinceEpoch: 784_111_777)
    private let head = "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

    private func encode(
        _ response: Response, _ method: Method? = .get, minorVersion: Int = 1, closes: Bool = false
    ) -> String {
        var output = octets("before|")
        let context = ResponseContext(method: method, minorVersion: minorVersion, closes: closes)
        ResponseEncoder.encode(response, for: context, date: date, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test func `a response has its date, its length and its fields`() {
        let response = Response(
            status: 200, fields: [("Content-Type", "application/json"), ("X-Request-Id", "a")], body: octets("{}"))
        #expect(
            encode(response) == "before|HTTP/1.1 200 OK\(head)Content-Length: 2\r\n"
                + "Content-Type: application/json\r\nX-Request-Id: a\r\n\r\n{}")
    }

    @Test(arguments: [
        (1, false, ""), (1, true, "Connection: close\r\n"),
        (0, false, "Connection: keep-alive\r\n"), (0, true, "Connection: close\r\n"),
    ])
    func `Connection says what HTTP's version does not`(_ minorVersion: Int, _ closes: Bool, _ line: String) {
        let text = encode(Response(status: 404), minorVersion: minorVersion, closes: closes)
        #expect(text == "before|HTTP/1.1 404 Not Found\(head)\(line)Content-Length: 0\r\n\r\n")
    }

    @Test func `HEAD is told the length and sent no body`() {
        let text = encode(Response(status: 200, body: octets("12345")), .head)
        #expect(text == "before|HTTP/1.1 200 OK\(head)Content-Length: 5\r\n\r\n")
    }

    @Test(arguments: [(204, "No Content"), (304, "Not Modified")])
    func `a status without content has neither length nor body`(_ status: Int, _ phrase: String) {
        #expect(encode(Response(status: status, body: octets("x"))) == "before|HTTP/1.1 \(status) \(phrase)\(head)\r\n")
    }

    @Test func `205 is empty and says so`() {
        let text = encode(Response(status: 205, body: octets("x")))
        #expect(text == "before|HTTP/1.1 205 Reset Content\(head)Content-Length: 0\r\n\r\n")
    }

    @Test func `a status without a phrase keeps its space`() {
        #expect(encode(Response(status: 299)).hasPrefix("before|HTTP/1.1 299 \r\n"))
    }

    @Test func `values may hold tabs and text beyond ASCII`() {
        #expect(encode(Response(status: 200, fields: [("X", "a\t\u{E4}")])).contains("\r\nX: a\t\u{E4}\r\n"))
    }

    @Test(arguments: [
        Response(status: 200, fields: [("X", "a\r\nSet-Cookie: b")], body: [65]),
        Response(status: 200, fields: [("X", "a\r")]),
        Response(status: 200, fields: [("X", "a\nb")]),
        Response(status: 200, fields: [("X", "a\u{0}b")]),
        Response(status: 200, fields: [("X", "a\u{7F}b")]),
        Response(status: 200, fields: [("Y", "b"), ("X\r\nZ", "a")]),
        Response(status: 200, fields: [("X:", "a")]),
        Response(status: 200, fields: [("X Y", "a")]),
        Response(status: 200, fields: [("", "a")]),
        Response(status: 200, fields: [("X\u{E4}", "a")]),
        Response(status: 200, fields: [("content-LENGTH", "1")]),
        Response(status: 200, fields: [("Transfer-Encoding", "chunked")]),
        Response(status: 200, fields: [("Connection", "close")]),
        Response(status: 200, fields: [("Date", "today")]),
        Response(status: 100), Response(status: 199), Response(status: 600), Response(status: -1),
    ])
    func `what cannot be sent becomes a bare 500`(_ response: Response) {
        #expect(encode(response) == "before|HTTP/1.1 500 Internal Server Error\(head)Content-Length: 0\r\n\r\n")
        var output: [UInt8] = []
        let context = ResponseContext(method: .get, closes: false)
        #expect(ResponseEncoder.encode(response, for: context, date: date, into: &output) == 500)
    }

    @Test func `the interim response is whole`() {
        var output: [UInt8] = []
        ResponseEncoder.encodeContinue(into: &output)
        #expect(output == octets("HTTP/1.1 100 Continue\r\n\r\n"))
    }
}

struct HTTPDateTests {
    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_709_251_199, "Thu, 29 Feb 2024 23:59:59 GMT"),
        (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"),
        (1_767_225_600, "Thu, 01 Jan 2026 00:00:00 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func `seconds become an IMF-fixdate`(_ seconds: Int64, _ text: String) {
        #expect(HTTPDate(secondsSinceEpoch: seconds).description == text)
    }
}
