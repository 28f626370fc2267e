import Testing

@testable import HTTP

struct RequestParserTests {
    @Test(arguments: AcceptedRequest.all)
    func `a valid request is read`(_ row: AcceptedRequest) throws {
        let bytes = octets(row.text)
        guard case .head(let head) = parse(bytes, limits: row.limits) else {
            Issue.record("refused: \(parse(bytes, limits: row.limits))")
            return
        }
        #expect(head.method == row.method)
        #expect(Array(head.path) == octets(row.path))
        #expect(head.query == octets(row.query))
        #expect(head.framing == row.framing)
        #expect(head.minorVersion == row.minorVersion)
        #expect(head.keepAlive == row.keepAlive)
        #expect(head.expectsContinue == row.expectsContinue)
        #expect(head.authority.map { Array(bytes[$0]) } == row.authority.map(octets))
        #expect(head.length == bytes.count - row.rest.utf8.count)
    }

    @Test(arguments: AcceptedRequest.all)
    func `cut anywhere, a valid request reads the same`(_ row: AcceptedRequest) {
        let bytes = octets(row.text)
        let whole = parse(bytes, limits: row.limits)
        for cut in 0...bytes.count {
            #expect(parse(bytes, cuts: [cut], limits: row.limits) == whole, "cut at \(cut)")
        }
        #expect(parse(bytes, cuts: 0...bytes.count, limits: row.limits) == whole)
    }

    @Test(arguments: AcceptedRequest.all)
    func `short of its last byte, a valid request is partial`(_ row: AcceptedRequest) {
        let bytes = octets(row.text)
        for length in 0..<bytes.count - row.rest.utf8.count {
            #expect(parse(Array(bytes[..<length]), limits: row.limits) == .partial, "\(length) bytes")
        }
    }

    @Test(arguments: RefusedRequest.all)
    func `a bad request is refused, however it is cut`(_ row: RefusedRequest) {
        let bytes = octets(row.text)
        for cut in 0...bytes.count {
            #expect(parse(bytes, cuts: [cut], limits: row.limits) == .bad(row.error), "cut at \(cut)")
        }
        #expect(parse(bytes, cuts: 0...bytes.count, limits: row.limits) == .bad(row.error))
    }

    @Test(arguments: AcceptedRequest.all, [.lineFeed, .carriageReturn] as [UInt8])
    func `no line of a request may end with half a CRLF`(_ row: AcceptedRequest, _ half: UInt8) {
        let bytes = octets(row.text)
        for index in bytes.indices.dropLast() where bytes[index...].starts(with: octets("\r\n")) {
            guard index < bytes.count - row.rest.utf8.count else { break }
            let message = Array(bytes[..<index]) + [half] + Array(bytes[(index + 2)...])
            if case .head = parse(message, limits: row.limits) {
                Issue.record("accepted with the line end at \(index) broken")
            }
        }
    }

    @Test func `a bad line is refused before the head ends`() {
        #expect(parse(octets("GET / HTTP/1.1\r\nHost: h\r\nX : a\r\n")) == .bad(.malformedRequest))
        #expect(parse(octets("GET / HTTP/1.1\r\nHost: h\r\nX: a\n")) == .bad(.malformedRequest))
        #expect(parse(octets("GET / HTTP/1.1\r\nHost: h\r\nX: \u{0}")) == .bad(.malformedRequest))
    }

    @Test func `the default limits hold to the byte`() {
        let limits = Limits()
        func line(_ bytes: Int) -> [UInt8] {
            octets(message("GET /" + String(repeating: "a", count: bytes - 14) + " HTTP/1.1"))
        }
        func section(_ bytes: Int) -> [UInt8] {
            octets(message("GET / HTTP/1.1", "X: " + String(repeating: "a", count: bytes - 14)))
        }
        func lines(_ count: Int) -> [UInt8] {
            octets("GET / HTTP/1.1\r\nHost: h\r\n" + String(repeating: "X: a\r\n", count: count - 1) + "\r\n")
        }
        #expect(isHead(parse(line(limits.requestLineBytesMax))))
        #expect(parse(line(limits.requestLineBytesMax + 1)) == .bad(.uriTooLong))
        #expect(isHead(parse(section(limits.headerBytesMax))))
        #expect(parse(section(limits.headerBytesMax + 1)) == .bad(.requestHeaderFieldsTooLarge))
        #expect(isHead(parse(lines(limits.headerCountMax))))
        #expect(parse(lines(limits.headerCountMax + 1)) == .bad(.requestHeaderFieldsTooLarge))
    }

    @Test func `empty lines do not begin a request`() {
        var parser = RequestParser()
        let bytes = octets("\r\nG")
        for length in 0...2 {
            #expect(parser.parse(bytes[..<length]) == .partial)
            #expect(!parser.hasStarted)
        }
        #expect(parser.parse(bytes[...]) == .partial)
        #expect(parser.hasStarted)
    }

    private func isHead(_ result: RequestParser.Result) -> Bool {
        if case .head = result { true } else { false }
    }
}
