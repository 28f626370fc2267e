import Foundation
import SWF
import Testing

private struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    var token = "AAAAKg"
    let details: String?
    let expected: String

    init(_ name: String, token: String = "AAAAKg", details: String?, _ expected: String) {
        self.name = name
        self.token = token
        self.details = details
        self.expected = expected
    }

    var testDescription: String { name }

    static let all = [
        Row("no details", details: nil, #"{"taskToken":"AAAAKg"}"#),
        Row("empty details", details: "", #"{"taskToken":"AAAAKg","details":""}"#),
        Row("details", details: "50%", #"{"taskToken":"AAAAKg","details":"50%"}"#),
        Row("all of base64", token: "AZaz09+/==", details: nil, #"{"taskToken":"AZaz09+/=="}"#),
        Row("a token with a quote", token: #"a"b\c"#, details: nil, #"{"taskToken":"a\"b\\c"}"#),
        Row(
            "JSON in details", details: #"{"a":[1,"\n"]}"#,
            #"{"taskToken":"AAAAKg","details":"{\"a\":[1,\"\\n\"]}"}"#),
        Row(
            "controls", details: "\0\t\n\r\u{1F}",
            #"{"taskToken":"AAAAKg","details":"\u0000\u0009\u000a\u000d\u001f"}"#),
        Row(
            "no controls to JSON", details: "\u{7F}\u{85}\u{2028}",
            "{\"taskToken\":\"AAAAKg\",\"details\":\"\u{7F}\u{85}\u{2028}\"}"),
        Row("beyond ASCII", details: "äß–語😀e\u{301}", #"{"taskToken":"AAAAKg","details":"äß–語😀e\#u{301}"}"#),
        Row("a slash, as it is", details: "</a>", #"{"taskToken":"AAAAKg","details":"</a>"}"#),
    ]
}

struct RequestTests {
    @Test func `the target names the service and the operation`() {
        #expect(RecordActivityTaskHeartbeat.target == "SimpleWorkflowService.RecordActivityTaskHeartbeat")
    }

    @Test(arguments: Row.all)
    private func `a request's bytes`(_ row: Row) throws {
        let body = RecordActivityTaskHeartbeat(taskToken: row.token, details: row.details).body
        // By bytes: strings take canonically equivalent ones for the same.
        #expect(body == Array(row.expected.utf8), "\(String(decoding: body, as: UTF8.self))")
    }

    @Test(arguments: Row.all)
    private func `another reader finds the same text in it`(_ row: Row) throws {
        let body = RecordActivityTaskHeartbeat(taskToken: row.token, details: row.details).body
        let read = try #require(JSONSerialization.jsonObject(with: Data(body)) as? [String: String])
        #expect(read.count == (row.details == nil ? 1 : 2))
        #expect(read["taskToken"].map { Array($0.utf8) } == Array(row.token.utf8))
        #expect(read["details"].map { Array($0.utf8) } == row.details.map { Array($0.utf8) })
    }
}
