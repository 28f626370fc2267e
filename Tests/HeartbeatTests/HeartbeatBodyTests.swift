import Heartbeat
import Testing

private struct DetailsRow: NamedRow {
    let name: String
    let body: String
    /// nil: refused.
    let details: String??

    init(_ name: String, _ body: String, _ details: String??) {
        self.name = name
        self.body = body
        self.details = details
    }

    static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    static let all: [DetailsRow] = [
        DetailsRow("no body", "", .some(nil)),
        DetailsRow("null instead of a body", "null", .some(nil)),
        DetailsRow("null instead of a body, and a line feed", " null\n", .some(nil)),
        DetailsRow("no members", "{}", .some(nil)),
        DetailsRow("null", #"{"details":null}"#, .some(nil)),
        DetailsRow("an empty string", #"{"details":""}"#, ""),
        DetailsRow("a string", #"{"details":"50%"}"#, "50%"),
        DetailsRow("a string that spells null", #"{"details":"null"}"#, "null"),
        DetailsRow("true", #"{"details":true}"#, "true"),
        DetailsRow("false", #"{"details":false}"#, "false"),
        DetailsRow("a number", #"{"details": 1.50 }"#, "1.50"),
        DetailsRow("an object", #"{"details": { "done" : 3, "of": [ 4 ] } }"#, #"{"done":3,"of":[4]}"#),
        DetailsRow("an escaped NUL", #"{"details":"\u0000"}"#, "\u{0}"),
        DetailsRow("2048 letters", "{\"details\":\"\(repeated("a", 2048))\"}", repeated("a", 2048)),
        DetailsRow("2049 letters", "{\"details\":\"\(repeated("a", 2049))\"}", nil),
        DetailsRow("2048 accented letters", "{\"details\":\"\(repeated("é", 2048))\"}", repeated("é", 2048)),
        DetailsRow("2048 escaped letters", "{\"details\":\"\(repeated("\\u0061", 2048))\"}", repeated("a", 2048)),
        DetailsRow("1024 emoji", "{\"details\":\"\(repeated("😀", 1024))\"}", repeated("😀", 1024)),
        DetailsRow("1024 emoji and a letter", "{\"details\":\"\(repeated("😀", 1024))a\"}", nil),
        DetailsRow("2048 emoji", "{\"details\":\"\(repeated("😀", 2048))\"}", nil),
        DetailsRow(
            "1024 emoji in escapes", "{\"details\":\"\(repeated(#"\ud83d\ude00"#, 1024))\"}", repeated("😀", 1024)),
        DetailsRow("2048 code points in 683 characters", "{\"details\":\"\(repeated("e\u{301}\u{302}", 683))\"}", nil),
        DetailsRow("2048 digits", "{\"details\":\(repeated("1", 2048))}", repeated("1", 2048)),
        DetailsRow("2049 digits", "{\"details\":\(repeated("1", 2049))}", nil),
        DetailsRow(
            "an array of 2047 characters once compact", "{\"details\":[\(repeated("1 , ", 1022))1]}",
            "[" + repeated("1,", 1022) + "1]"),
        DetailsRow("an array of 2049 characters", "{\"details\":[\(repeated("1,", 1023))1]}", nil),
    ]
}

private struct RefusedBodyRow: NamedRow {
    let name: String
    let carriesToken: Bool
    let detail: String

    init(_ body: String, carriesToken: Bool = false, _ detail: String) {
        name = body
        self.carriesToken = carriesToken
        self.detail = detail
    }

    static let all: [RefusedBodyRow] = [
        RefusedBodyRow(" ", "too early"),
        RefusedBodyRow("null null", "send a JSON object"),
        RefusedBodyRow("nul", "send a JSON object"),
        RefusedBodyRow("[null]", "send a JSON object"),
        RefusedBodyRow("null", carriesToken: true, #"needs the member "taskToken""#),
        RefusedBodyRow("50%", "send a JSON object"),
        RefusedBodyRow(#""50%""#, "send a JSON object"),
        RefusedBodyRow(#"{"details":"a","details":"a"}"#, #""details" only once"#),
        RefusedBodyRow(#"{"detail":"a"}"#, #""detail""#),
        RefusedBodyRow(#"{"Details":"a"}"#, #""Details""#),
        RefusedBodyRow(#"{"x":1,"details":"a","y":1}"#, #""x", "y""#),
        RefusedBodyRow(#"{"taskToken":"AAAA"}"#, #""taskToken"; it may have "details""#),
        RefusedBodyRow(
            #"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1}"#, #""h" and 2 more;"#),
        RefusedBodyRow("", carriesToken: true, #"needs the member "taskToken""#),
        RefusedBodyRow("{}", carriesToken: true, #"needs the member "taskToken""#),
        RefusedBodyRow(#"{"taskToken":null}"#, carriesToken: true, #"needs the member "taskToken""#),
        RefusedBodyRow(#"{"taskToken":1}"#, carriesToken: true, #"needs the member "taskToken""#),
        RefusedBodyRow(#"{"taskToken":true}"#, carriesToken: true, #"needs the member "taskToken""#),
        RefusedBodyRow(#"{"taskToken":["AAAA"]}"#, carriesToken: true, #"needs the member "taskToken""#),
        RefusedBodyRow(#"{"taskToken":""}"#, carriesToken: true, "empty"),
        RefusedBodyRow(#"{"taskToken":"A\nA"}"#, carriesToken: true, "control character"),
        RefusedBodyRow(#"{"taskToken":"A\u0000"}"#, carriesToken: true, "control character"),
        RefusedBodyRow(#"{"taskToken":"A\u0085"}"#, carriesToken: true, "control character"),
        RefusedBodyRow(
            #"{"tasktoken":"AAAA"}"#, carriesToken: true,
            #""tasktoken"; it may have "taskToken", "details", "heartbeatTimeout""#),
    ]
}

@Suite struct HeartbeatBodyTests {
    @Test(arguments: DetailsRow.all)
    private func `details within the limit are what is relayed`(row: DetailsRow) throws {
        if let details = row.details {
            #expect(try HeartbeatBody(Array(row.body.utf8), carriesToken: false).details == details)
        } else {
            let problem = #expect(throws: Problem.self) {
                try HeartbeatBody(Array(row.body.utf8), carriesToken: false)
            }
            #expect(problem?.code == .invalidRequest)
            #expect(problem?.detail.contains("at most 2048 characters") == true)
        }
    }

    @Test(arguments: RefusedBodyRow.all)
    private func `a refusal says what to change`(row: RefusedBodyRow) {
        let problem = #expect(throws: Problem.self) {
            try HeartbeatBody(Array(row.name.utf8), carriesToken: row.carriesToken)
        }
        #expect(problem?.code == .invalidRequest)
        #expect(problem?.detail.contains(row.detail) == true, "\(problem?.detail ?? "")")
        #expect(problem?.detail.contains("AAAA") != true)
    }

    @Test func `the body form has the token in the body, in any order, escaped or not`() throws {
        let body = try HeartbeatBody(
            Array(#"{"details":"d","taskToken":"AAAA\/+\u003d"}"#.utf8), carriesToken: true)
        #expect(body.taskToken == TaskToken(secret: "AAAA/+="))
        #expect(body.details == "d")
    }

    @Test func `a token in a body has 1 to 1024 characters`() throws {
        func token(_ length: Int) -> [UInt8] {
            Array("{\"taskToken\":\"\(String(repeating: "A", count: length))\"}".utf8)
        }
        #expect(try HeartbeatBody(token(1024), carriesToken: true).taskToken?.secret.count == 1024)
        #expect(throws: Problem.self) { try HeartbeatBody(token(1025), carriesToken: true) }
    }
}
