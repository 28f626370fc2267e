import Heartbeat
import SWF
import SigningClient
import Testing

/// In the domain's terms.
private func outcome(of answer: Answer) -> Result<Bool, UpstreamFailure> {
    RecordActivityTaskHeartbeat.result(of: answer).map(\.cancelRequested).mapError(UpstreamFailure.init)
}

private func fault(_ type: String?, _ status: Int) -> Result<Bool, UpstreamFailure> {
    .failure(.fault(type: type, status: status))
}

extension Answer {
    fileprivate init(status: Int, errorType: String?, body: String) {
        let headers = AnswerHeaders(errorType.map { [("x-amzn-ErrorType", $0)] } ?? [])
        self.init(status: status, headers: headers, body: Array(body.utf8))
    }
}

private struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let answer: Answer
    let expected: Result<Bool, UpstreamFailure>

    init(
        _ name: String, _ status: Int, header: String? = nil, _ body: String, _ expected: Result<Bool, UpstreamFailure>
    ) {
        self.name = name
        answer = Answer(status: status, errorType: header, body: body)
        self.expected = expected
    }

    var testDescription: String { name }

    static let answers: [Row] = [
        Row("no cancellation", 200, #"{"cancelRequested":false}"#, .success(false)),
        Row("a cancellation", 200, #"{"cancelRequested":true}"#, .success(true)),
        Row("with white space", 200, "\r\n\t { \"cancelRequested\" : true } \n", .success(true)),
        Row("among others", 200, #"{"a":{"b":true},"cancelRequested":false,"c":[1e5,null]}"#, .success(false)),
        Row("an escaped name", 200, #"{"cancel\u0052equested":true}"#, .success(true)),
        Row("a header of a fault", 200, header: "UnknownResourceFault", #"{"cancelRequested":true}"#, .success(true)),
    ]

    static let malformed: [Row] = [
        Row("nothing", 200, "", .failure(.malformed)),
        Row("an empty object", 200, "{}", .failure(.malformed)),
        Row("null", 200, #"{"cancelRequested":null}"#, .failure(.malformed)),
        Row("a string", 200, #"{"cancelRequested":"true"}"#, .failure(.malformed)),
        Row("a number", 200, #"{"cancelRequested":1}"#, .failure(.malformed)),
        Row("an object", 200, #"{"cancelRequested":{"cancelRequested":true}}"#, .failure(.malformed)),
        Row("capitals", 200, #"{"CancelRequested":true}"#, .failure(.malformed)),
        Row("a literal in capitals", 200, #"{"cancelRequested":True}"#, .failure(.malformed)),
        Row("a literal and more", 200, #"{"cancelRequested":truely}"#, .failure(.malformed)),
        Row("twice", 200, #"{"cancelRequested":true,"cancelRequested":true}"#, .failure(.malformed)),
        Row("another member twice", 200, #"{"a":1,"a":1,"cancelRequested":true}"#, .failure(.malformed)),
        Row("a byte order mark", 200, "\u{FEFF}{\"cancelRequested\":true}", .failure(.malformed)),
        Row("an array", 200, #"[{"cancelRequested":true}]"#, .failure(.malformed)),
        Row("a bare literal", 200, "true", .failure(.malformed)),
        Row("cut off", 200, #"{"cancelRequested":true"#, .failure(.malformed)),
        Row("two documents", 200, #"{"cancelRequested":true}{"cancelRequested":false}"#, .failure(.malformed)),
        Row("HTML", 200, "<html>OK</html>", .failure(.malformed)),
        Row("a fault", 200, #"{"__type":"a#UnknownResourceFault"}"#, .failure(.malformed)),
    ]

    /// No other success is SWF's: nothing of it counts.
    static let otherStatuses: [Row] = [201, 202, 204, 206, 299, 300, 301, 302, 304, 307].map { status in
        Row("\(status)", status, #"{"cancelRequested":true}"#, fault(nil, status))
    }

    static let nameless: [Row] = [
        Row("no body", 500, "", fault(nil, 500)),
        Row("HTML", 500, "<html>__type</html>", fault(nil, 500)),
        Row("an object without a type", 400, #"{"message":"UnknownResourceFault"}"#, fault(nil, 400)),
        Row("a type that is no string", 400, #"{"__type":{"a":1},"code":5}"#, fault(nil, 400)),
        Row("an empty type", 400, #"{"__type":"","code":""}"#, fault(nil, 400)),
        Row("only a namespace", 400, header: "#", #"{"__type":"a.b#"}"#, fault(nil, 400)),
        Row("only a URI", 400, header: ":http://a", "{}", fault(nil, 400)),
        Row("a type too long", 400, header: longestName + "a", "{}", fault(nil, 400)),
        Row("a type of words", 400, header: "Unknown Resource", "{}", fault(nil, 400)),
        Row("a type beyond ASCII", 400, header: "Fäult", "{}", fault(nil, 400)),
        Row("a type with a control", 400, "{\"__type\":\"a\\u000ab\"}", fault(nil, 400)),
        Row("a byte order mark", 400, "\u{FEFF}{\"__type\":\"a\"}", fault(nil, 400)),
        Row("the type twice", 400, #"{"__type":"a","__type":"a"}"#, fault(nil, 400)),
    ]

    private static let longestName = String(repeating: "a", count: 100)

    static let precedence: [Row] = [
        Row("header, __type and code", 400, header: "A", #"{"code":"C","__type":"B"}"#, fault("A", 400)),
        Row("__type and code", 400, #"{"code":"C","__type":"B"}"#, fault("B", 400)),
        Row("code", 400, #"{"code":"C"}"#, fault("C", 400)),
        Row("a header and no body", 400, header: "A", "", fault("A", 400)),
        Row("a header that names nothing", 400, header: "?", #"{"__type":"B"}"#, fault("B", 400)),
        Row("a __type that names nothing", 400, ##"{"__type":"#","code":"C"}"##, fault("C", 400)),
        Row("spaces around", 400, header: " A ", "{}", fault("A", 400)),
        Row("the longest", 503, header: longestName, "", fault(longestName, 503)),
        Row("two namespaces", 400, header: "a#b#C", "", fault("C", 400)),
    ]
}

/// A fault as AWS writes it, in each of the ways.
private struct NamedFault: Sendable, CustomTestStringConvertible {
    let type: String
    let namespace: String
    let status: Int

    var testDescription: String { type }

    static let all: [NamedFault] = [
        NamedFault(type: "UnknownResourceFault", namespace: "com.amazonaws.swf.base.model", status: 400),
        NamedFault(type: "OperationNotPermittedFault", namespace: "com.amazonaws.swf.base.model", status: 400),
        NamedFault(type: "LimitExceededFault", namespace: "com.amazonaws.swf.base.model", status: 400),
        NamedFault(type: "SerializationException", namespace: "com.amazonaws.swf.base.model", status: 400),
        NamedFault(type: "ValidationException", namespace: "com.amazon.coral.validate", status: 400),
        NamedFault(type: "ThrottlingException", namespace: "com.amazon.coral.availability", status: 400),
        NamedFault(type: "InternalFailure", namespace: "com.amazon.coral.service", status: 500),
        NamedFault(type: "ServiceUnavailable", namespace: "com.amazon.coral.service", status: 503),
        NamedFault(type: "AccessDeniedException", namespace: "com.amazon.coral.service", status: 400),
        NamedFault(type: "UnrecognizedClientException", namespace: "com.amazon.coral.service", status: 400),
        NamedFault(type: "InvalidSignatureException", namespace: "com.amazon.coral.service", status: 400),
        NamedFault(type: "SignatureDoesNotMatch", namespace: "com.amazon.coral.service", status: 403),
        NamedFault(type: "RequestExpired", namespace: "com.amazon.coral.service", status: 400),
        NamedFault(type: "UnknownOperationException", namespace: "com.amazon.coral.service", status: 404),
    ]

    var forms: [Answer] {
        let qualified = "\(namespace)#\(type)"
        let headers = [type, "\(type):http://amazon.example/coral/\(namespace)/", qualified, "\(qualified):http://a#b"]
        let bodies = [
            #"{"__type":"\#(qualified)","message":"Unknown execution: WorkflowExecution=[workflowId=w1]"}"#,
            #"{"__type":"\#(type)","Message":""}"#, #"{"__type":"\#(qualified)"}"#, #"{"code":"\#(type)"}"#,
            #"{"code":"\#(qualified)","message":null}"#, #"{"__type":"\#(type):http://amazon.example/coral/"}"#,
        ]
        return headers.map { Answer(status: status, errorType: $0, body: "") }
            + bodies.map { Answer(status: status, body: Array($0.utf8)) }
    }
}

struct OutcomeTests {
    @Test(arguments: Row.answers) private func `an answer`(_ row: Row) {
        #expect(outcome(of: row.answer) == row.expected)
    }

    @Test(arguments: Row.malformed) private func `a 200 that is no answer`(_ row: Row) {
        #expect(outcome(of: row.answer) == row.expected)
    }

    @Test(arguments: Row.otherStatuses) private func `another status`(_ row: Row) {
        #expect(outcome(of: row.answer) == row.expected)
    }

    @Test(arguments: Row.nameless) private func `a fault without a name`(_ row: Row) {
        #expect(outcome(of: row.answer) == row.expected)
    }

    @Test(arguments: Row.precedence) private func `where a fault's name is found`(_ row: Row) {
        #expect(outcome(of: row.answer) == row.expected)
    }

    @Test(arguments: NamedFault.all) private func `a fault in all its forms`(_ fault: NamedFault) {
        for answer in fault.forms {
            #expect(
                outcome(of: answer)
                    == .failure(.fault(type: fault.type, status: fault.status)),
                "\(answer.errorType ?? String(decoding: answer.body, as: UTF8.self))")
        }
    }

    @Test func `a body that is not UTF-8 is no answer`() {
        let body = Array(#"{"cancelRequested":true,"a":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
        #expect(outcome(of: Answer(status: 200, body: body)) == .failure(.malformed))
    }

    @Test func `a body nested without end is no answer`() {
        let body = Array(#"{"a":"#.utf8) + Array(repeating: UInt8(ascii: "["), count: 60_000)
        #expect(outcome(of: Answer(status: 200, body: body)) == .failure(.malformed))
    }

    @Test(arguments: [
        (#"{"message":"Invalid token"}"#, "Invalid token"), (#"{"Message":"M"}"#, "M"), (#"{"message":""}"#, ""),
        (#"{"message":null}"#, nil), ("{}", nil), ("", nil), ("<html>", nil),
    ])
    func `SWF's words on a fault`(body: String, message: String?) {
        #expect(Fault(Answer(status: 400, body: Array(body.utf8))).message == message)
    }
}
