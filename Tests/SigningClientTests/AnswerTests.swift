import SigningClient
import TestSupport
import Testing

private struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let steps: [StubServer.Step]
    let expected: Expectation

    /// What a caller takes from an answer.
    struct Seen: Sendable, Equatable {
        var status: Int
        var requestID: String?
        var errorType: String?
        var body: String
    }

    enum Expectation: Sendable, Equatable {
        case answer(Seen)
        case tooLarge
        /// With why.
        case unreachable(String)
    }

    init(_ name: String, _ steps: [StubServer.Step], _ expected: Expectation) {
        self.name = name
        self.steps = steps
        self.expected = expected
    }

    var testDescription: String { name }

    static func answer(
        _ status: Int = 200, requestID: String? = nil, errorType: String? = nil, body: String = "{}"
    ) -> Expectation {
        .answer(Seen(status: status, requestID: requestID, errorType: errorType, body: body))
    }

    private static let bodyBytesMax = 65_536
    private static let longest = String(repeating: "x", count: bodyBytesMax)
    private static let chunked = "Transfer-Encoding: chunked"

    static let framing: [Row] = [
        Row("a length", [.send(answerText(body: "[1]"))], answer(body: "[1]")),
        Row("no body", [.send(answerText(body: ""))], answer(body: "")),
        Row(
            "in two pieces",
            [.send("HTTP/1.1 200 OK\r\nContent-Le"), .send("ngth: 3\r\n\r\n[1]")],
            answer(body: "[1]")),
        Row(
            "chunked",
            [.send(answerText(headers: [chunked], body: "2\r\n[1\r\n1;x=y\r\n]\r\n0\r\n\r\n"))],
            answer(body: "[1]")),
        Row(
            "up to the close", [.send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[1]"), .close], answer(body: "[1]")),
        Row("HTTP/1.0", [.send("HTTP/1.0 200 OK\r\n\r\n[1]"), .close], answer(body: "[1]")),
        Row("100 Continue before it", [.send("HTTP/1.1 100 Continue\r\n\r\n" + answerText())], answer()),
        Row(
            "several interim answers",
            [.send("HTTP/1.1 102 a\r\nX: y\r\n\r\nHTTP/1.1 103 b\r\n\r\n" + answerText())],
            answer()),
        Row("an error", [.send(answerText(400, body: "{}"))], answer(400)),
        Row("an error of the server's", [.send(answerText(503, body: ""))], answer(503, body: "")),
        Row(
            "a redirect, which is not followed",
            [.send(answerText(301, headers: ["Location: /elsewhere"]))],
            answer(301)),
        Row(
            "a challenge, which is not taken up",
            [.send(answerText(401, headers: ["WWW-Authenticate: Basic"]))],
            answer(401)),
    ]

    static let limits: [Row] = [
        Row("the longest body", [.send(answerText(body: longest))], answer(body: longest)),
        Row(
            "announced a byte longer",
            [.send(answerText(headers: ["Content-Length: 65537"], body: "")), .waitForClose],
            .tooLarge),
        Row("a byte longer", [.send(answerText(body: longest + "x"))], .tooLarge),
        Row(
            "chunked, a byte longer",
            [.send(answerText(headers: [chunked], body: "10001\r\n\(longest)x\r\n"))],
            .tooLarge),
        Row("endless", [.send("HTTP/1.1 200 OK\r\n\r\n" + longest + longest), .waitForClose], .tooLarge),
    ]

    static let requestIDs: [Row] = [
        Row("an identifier", [id("e08622cd-3ff5-11e1")], answer(requestID: "e08622cd-3ff5-11e1")),
        Row("in other letters", [.send(answerText(headers: ["X-AMZN-REQUESTID: a"]))], answer(requestID: "a")),
        Row("every visible character", [id(visible)], answer(requestID: visible)),
        Row(
            "the longest",
            [id(String(repeating: "a", count: 128))],
            answer(requestID: String(repeating: "a", count: 128))),
        Row("a character longer", [id(String(repeating: "a", count: 129))], answer()),
        Row("an empty one", [id("")], answer()),
        Row("with a space inside", [id("a b")], answer()),
        Row("with a tab inside", [id("a\tb")], answer()),
        // No field has such a character.
        Row("with a control character", [id("a\u{1}b"), .close], .unreachable("malformed")),
        Row("with a delete", [id("a\u{7F}b"), .close], .unreachable("malformed")),
        Row("with a letter outside ASCII", [id("aéb")], answer()),
    ]

    static let errorTypes: [Row] = [
        Row(
            "a fault's type, as it came",
            [.send(answerText(400, headers: ["x-amzn-ErrorType: UnknownResourceFault:http://a.example/b"]))],
            answer(400, errorType: "UnknownResourceFault:http://a.example/b"))
    ]

    static let broken: [Row] = [
        Row("closed before the answer", [.close], .unreachable("closed the connection before it answered")),
        Row("reset before the answer", [.reset], .unreachable("Connection reset by peer")),
        Row(
            "reset in the body",
            [.send(answerText(headers: ["Content-Length: 9"], body: "{")), .reset],
            .unreachable("")),
        Row(
            "closed in the body",
            [.send(answerText(headers: ["Content-Length: 9"], body: "{")), .close],
            .unreachable("")),
        Row("closed in a chunk", [.send(answerText(headers: [chunked], body: "9\r\n{")), .close], .unreachable("")),
        Row("a bad chunk", [.send(answerText(headers: [chunked], body: "xyz\r\n{")), .waitForClose], .unreachable("")),
        Row("no HTTP", [.send("220 mail.example ESMTP\r\n"), .close], .unreachable("not HTTP/1.1")),
    ]

    private static let visible = String(decoding: Array(UInt8(0x21)...0x7E), as: UTF8.self)

    private static func id(_ value: String) -> StubServer.Step {
        .send(answerText(headers: ["x-amzn-RequestId: \(value)"]))
    }
}

/// What becomes of what a server sends.
@Suite(.timeLimit(.minutes(10)))
struct AnswerTests {
    private func expect(_ row: Row) throws {
        let server = try StubServer { _ in row.steps }
        let (result, attempts) = try oneCall(to: server.url)
        switch row.expected {
        case .answer(let answer):
            let seen = result.map {
                Row.Seen(
                    status: $0.status, requestID: $0.requestID, errorType: $0.errorType,
                    body: String(decoding: $0.body, as: UTF8.self))
            }
            #expect(seen == .success(answer))
        case .tooLarge: #expect(result == .failure(.answerTooLarge))
        case .unreachable(let words):
            let reason = try #require(result.unreachableReason)
            #expect(!reason.isEmpty && (words.isEmpty || reason.contains(words)))
        }
        #expect(attempts == 1)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: Row.framing) private func `an answer`(_ row: Row) throws { try expect(row) }

    @Test(arguments: Row.limits) private func `an answer's size`(_ row: Row) throws { try expect(row) }

    @Test(arguments: Row.requestIDs) private func `a request identifier`(_ row: Row) throws { try expect(row) }

    @Test(arguments: Row.errorTypes) private func `an error type`(_ row: Row) throws { try expect(row) }

    @Test(arguments: Row.broken) private func `a broken answer`(_ row: Row) throws { try expect(row) }
}
