import Heartbeat
import SWF
import SigningClient
import Testing

/// An answer and what our reader makes of it; `botocore_faults.py` reads it.
private struct Question: Encodable {
    var status: Int
    var headers: [String: String]
    var body: String
    var name: String?
    var message: String?

    init(_ answer: RandomAnswers.Answer) {
        status = answer.status
        headers = answer.headers
        body = hexadecimal(answer.body)
        let read = Answer(
            status: answer.status, headers: AnswerHeaders(answer.headers.map { ($0.key, $0.value) }), body: answer.body)
        guard case .failure(.fault(let fault)) = RecordActivityTaskHeartbeat.result(of: read) else { return }
        name = fault.type
        message = fault.message
    }
}

/// The error cases of the protocol's own test suite, of which botocore runs those that name the fault by `__type`.
private struct ProtocolCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let answer: RandomAnswers.Answer
    let name: String
    var message: String?

    private init(
        _ testDescription: String, _ status: Int = 500, header: String? = nil, body: String = "",
        name: String = "FooError",
        message: String? = nil
    ) {
        self.testDescription = testDescription
        let headers = header.map { ["x-amzn-ErrorType": $0] } ?? [:]
        answer = RandomAnswers.Answer(status: status, headers: headers, body: Array(body.utf8))
        self.name = name
        self.message = message
    }

    private static let qualified = "aws.protocoltests.json10#FooError"
    private static let uri = ":http://internal.amazon.com/coral/com.amazon.coral.validate/"

    static let all = [
        ProtocolCase("the header", header: "FooError"),
        ProtocolCase("the header with a URI", header: "FooError\(uri)"),
        ProtocolCase("the header with a namespace and a URI", header: "\(qualified)\(uri)"),
        ProtocolCase("code", body: #"{"code":"FooError"}"#),
        ProtocolCase("code with a namespace", body: #"{"code":"\#(qualified)"}"#),
        ProtocolCase("code with a namespace and a URI", body: #"{"code":"\#(qualified)\#(uri)"}"#),
        ProtocolCase("__type", body: #"{"__type":"FooError"}"#),
        ProtocolCase("__type with a namespace", body: #"{"__type":"\#(qualified)"}"#),
        ProtocolCase("__type with a namespace and a URI", body: #"{"__type":"\#(qualified)\#(uri)"}"#),
        ProtocolCase(
            "a message", 400, body: #"{"__type":"aws.protocoltests.json10#InvalidGreeting","Message":"Hi"}"#,
            name: "InvalidGreeting", message: "Hi"),
        ProtocolCase(
            "members of its own", 400,
            body: #"{"__type":"a#ComplexError","TopLevel":"Top level","Nested":{"Foo":"bar"}}"#, name: "ComplexError"),
        ProtocolCase("no members", 400, body: #"{"__type":"a#ComplexError"}"#, name: "ComplexError"),
    ]
}

/// Faults' names beside those that botocore's parser finds; `botocore_faults.py` lists where they differ, with reasons.
struct BotocoreFaultTests {
    private static let count = 5000
    private static let seed = differentialSeed(10)

    @Test(arguments: ProtocolCase.all) private func `the protocol's own cases`(_ row: ProtocolCase) {
        let question = Question(row.answer)
        #expect(question.name == row.name)
        #expect(question.message == row.message)
    }

    @Test func `faults have the names that botocore finds, but for the differences listed`() throws {
        var random = RandomAnswers(seed: Self.seed)
        let questions =
            ProtocolCase.all.map { Question($0.answer) } + (0..<Self.count).map { _ in Question(random.next()) }
        let opinion = SecondOpinion("botocore_faults.py")
        var reasons: [String: Int] = [:]
        for (question, finding) in zip(questions, try opinion.ask(questions)) {
            reasons[finding, default: 0] += 1
            #expect(
                finding == "same" || finding.hasPrefix("chosen:"),
                "\(finding), seed \(Self.seed): \(question)")
        }
        // Enough are the same for the comparison to mean something, and no difference is listed for nothing.
        #expect(reasons["same", default: 0] > Self.count / 3)
        #expect(
            try opinion.lines(["--differences"])
                == reasons.keys.filter { $0 != "same" }.map { String($0.dropFirst(7)) }.sorted())
    }
}
