import Testing

@testable import swf_simulator

struct TaskInputTests {
    struct Row: NamedRow {
        let name: String
        let json: String
        var input: (token: String, details: String?)?
        var fault: String?
        var message: String?
        var operation = Operation.recordHeartbeat

        init(_ name: String, _ json: String, input: (String, String?), of operation: Operation = .recordHeartbeat) {
            (self.name, self.json, self.input, self.operation) = (name, json, input, operation)
        }

        init(_ name: String, _ json: String, _ fault: String, _ message: String? = nil) {
            (self.name, self.json, self.fault, self.message) = (name, json, fault, message)
        }
    }

    private static func text(_ count: Int, of character: String = "x") -> String {
        String(repeating: character, count: count)
    }

    private static func violation(_ value: String, _ member: String, _ constraint: String) -> String {
        "1 validation error detected: Value \(value) at '\(member)' failed to satisfy constraint: Member must "
            + constraint
    }

    static let rows = [
        Row("a token", #"{"taskToken":"a"}"#, input: ("a", nil)),
        Row("details", #"{"taskToken": "AAAAKg/+=", "details": "50%"}"#, input: ("AAAAKg/+=", "50%")),
        Row("empty details", #"{"taskToken":"a","details":""}"#, input: ("a", "")),
        Row("null details", #"{"taskToken":"a","details":null}"#, input: ("a", nil)),
        Row("an unknown member", #"{"taskToken":"a","more":{}}"#, input: ("a", nil)),
        Row("the longest token", #"{"taskToken":"\#(text(1024))"}"#, input: (text(1024), nil)),
        Row("the longest details", #"{"taskToken":"a","details":"\#(text(2048))"}"#, input: ("a", text(2048))),
        Row(
            "1024 characters of two units", #"{"taskToken":"a","details":"\#(text(1024, of: "😀"))"}"#,
            input: ("a", text(1024, of: "😀"))),
        Row(
            "no token", "{}", "ValidationException", violation("null", "taskToken", "not be null")),
        Row(
            "a null token", #"{"taskToken":null}"#, "ValidationException",
            violation("null", "taskToken", "not be null")),
        Row(
            "an empty token", #"{"taskToken":""}"#, "ValidationException",
            violation("''", "taskToken", "have length greater than or equal to 1")),
        Row(
            "a token too long", #"{"taskToken":"\#(text(1025))"}"#, "ValidationException",
            violation("'\(text(1025))'", "taskToken", "have length less than or equal to 1024")),
        Row(
            "details too long", #"{"taskToken":"a","details":"\#(text(2049))"}"#, "ValidationException",
            violation("'\(text(2049))'", "details", "have length less than or equal to 2048")),
        Row(
            "1025 characters of two units", #"{"taskToken":"a","details":"\#(text(1025, of: "😀"))"}"#,
            "ValidationException"),
        Row(
            "both wrong", #"{"details":"\#(text(2049))"}"#, "ValidationException",
            "2 validation errors detected: Value null at 'taskToken' failed to satisfy constraint: "
                + "Member must not be null; Value '\(text(2049))' at 'details' failed to satisfy constraint: "
                + "Member must have length less than or equal to 2048"),
        Row("a number as token", #"{"taskToken":1}"#, "SerializationException"),
        Row("an object as details", #"{"taskToken":"a","details":{}}"#, "SerializationException"),
        Row(
            "a cancellation's longest details", #"{"taskToken":"a","details":"\#(text(32_768))"}"#,
            input: ("a", text(32_768)), of: .respondCanceled),
        Row("an array", "[]", "SerializationException"),
        Row("nothing", "", "SerializationException"),
        Row("half an object", #"{"taskToken":"a""#, "SerializationException"),
        Row("half a surrogate pair", "{\"taskToken\":\"\\ud800\"}", "SerializationException"),
    ]

    @Test(arguments: rows) func `the model's limits hold`(_ row: Row) {
        do throws(Fault) {
            let input = try TaskInput(json: Array(row.json.utf8), of: row.operation)
            #expect(input.taskToken == row.input?.token)
            #expect(input.details == row.input?.details)
        } catch {
            #expect(error.name == row.fault)
            #expect(row.message == nil || error.message == row.message)
        }
    }
}
