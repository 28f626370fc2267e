import HTTP
import SigV4
import Testing

@testable import swf_simulator

struct EndpointTests {
    struct Row: NamedRow {
        let name: String
        let call: Call
        let kind: String
        var message: String?

        init(_ name: String, _ kind: String, _ message: String? = nil, token: String = "x", with: (inout Call) -> Void)
        {
            var call = Call(token: token)
            with(&call)
            (self.name, self.kind, self.message, self.call) = (name, kind, message, call)
        }
    }

    private static func at(_ seconds: Int64) -> Timestamp {
        Timestamp(epochSeconds: noon.epochSeconds + seconds)
    }

    static let rows = [
        Row("any token", "ok") { _ in },
        Row("a token with a word", "cancel", token: token("cancel")) { _ in },
        Row("a parameter of the content type", "ok") { $0.contentType = "Application/X-Amz-Json-1.0; charset=utf-8" },
        Row("another operation", "unknown-operation") { $0.target = "SimpleWorkflowService.CountOpenActivities" },
        Row("another service's operation", "unknown-operation") { $0.target = "DynamoDB.RecordActivityTaskHeartbeat" },
        Row("another content type", "unknown-operation") { $0.contentType = "application/json" },
        Row("a later protocol", "unknown-operation") { $0.contentType = "application/x-amz-json-1.1" },
        Row("no signature", "missing-authentication", "Missing Authentication Token") { $0.key = nil },
        Row("an unknown key", "unrecognized-client", "The security token included in the request is invalid.") {
            $0.key = Credentials(accessKeyID: "AKIDOTHER", secretAccessKey: exampleKey.secretAccessKey)
        },
        Row("a wrong secret", "bad-signature", Fault.wrongSignature.message) {
            $0.key = Credentials(accessKeyID: exampleKey.accessKeyID, secretAccessKey: "wrong")
        },
        Row("a session token that is not the key's", "unrecognized-client") {
            $0.key = Credentials(
                accessKeyID: exampleKey.accessKeyID, secretAccessKey: exampleKey.secretAccessKey, sessionToken: "T")
        },
        Row("a temporary key", "ok") { $0.key = temporaryKey },
        Row("a temporary key without its session token", "unrecognized-client") {
            $0.key = Credentials(
                accessKeyID: temporaryKey.accessKeyID, secretAccessKey: temporaryKey.secretAccessKey)
        },
        Row("another region", "bad-signature", "Credential should be scoped") { $0.region = "eu-west-1" },
        Row("another service", "bad-signature", "Credential should be scoped") { $0.service = "states" },
        Row("5 minutes old", "ok") { $0.time = at(-300) },
        Row(
            "older", "skew",
            "Signature expired: 20261120T212236Z is now earlier than 20261120T212237Z (20261120T212737Z - 5 min.)"
        ) { $0.time = at(-301) },
        Row("5 minutes ahead", "ok") { $0.time = at(300) },
        Row(
            "further ahead", "skew-ahead",
            "Signature not yet current: 20261120T213238Z is still later than 20261120T213237Z "
                + "(20261120T212737Z + 5 min.)"
        ) { $0.time = at(301) },
        Row("no token", "validation", "1 validation error detected: Value null at 'taskToken'") { $0.body = "{}" },
        Row("no JSON", "serialization") { $0.body = "taskToken=x" },
        Row("the operation counts before the signature", "unknown-operation") { ($0.target, $0.key) = ("A.B", nil) },
        Row("the signature counts before the body", "missing-authentication") { ($0.body, $0.key) = ("", nil) },
    ]

    static let temporaryKey = Credentials(accessKeyID: "ASIA", secretAccessKey: "S", sessionToken: "T")

    private static func endpoint(
        _ script: Script = Script(), skewFault: SkewFault = .invalidSignature
    ) -> Endpoint {
        Endpoint(
            region: "us-east-1", credentials: [exampleKey, temporaryKey], skewFault: skewFault, script: script)
    }

    @Test(arguments: rows) func `a call gets what SWF would answer`(_ row: Row) {
        var endpoint = Self.endpoint()
        let answer = endpoint.answer(row.call.request, requestID: "R", at: noon)
        #expect(answer.kind == row.kind, "\(answer.text ?? "")")
        if let message = row.message { #expect(answer.text?.contains(message) == true, "\(answer.text ?? "")") }
        #expect(endpoint.log.byAnswer == [row.kind: 1])
    }

    @Test(arguments: [
        (SkewFault.invalidSignature, -301, "skew"), (.invalidSignature, 301, "skew-ahead"),
        (.requestExpired, -301, "request-expired"), (.requestExpired, 301, "request-expired"),
        (.requestTimeTooSkewed, -301, "too-skewed"), (.requestTimeTooSkewed, 301, "too-skewed"),
        (.requestExpired, 300, "ok"),
    ])
    func `a wrong clock gets the fault asked for`(_ fault: SkewFault, _ seconds: Int64, _ kind: String) {
        var endpoint = Self.endpoint(skewFault: fault)
        var call = Call(token: "x")
        call.time = Self.at(seconds)
        #expect(endpoint.answer(call.request, requestID: "R", at: noon).kind == kind)
    }

    @Test func `a malformed Authorization is an incomplete signature`() {
        for value in ["Bearer x", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE", ""] {
            var endpoint = Self.endpoint()
            var call = Call(token: "x")
            call.key = nil
            let fields = Fields(call.headers + [("Authorization", value)])
            let request = Request(method: .post, path: Array("/".utf8), fields: fields, body: Array(call.body.utf8))
            #expect(endpoint.answer(request, requestID: "R", at: noon).kind == "incomplete-signature", "\(value)")
        }
    }

    @Test func `a changed body breaks the signature`() {
        var endpoint = Self.endpoint()
        let signed = Call(token: "x").request
        let request = Request(
            method: signed.method, path: Array(signed.path), fields: signed.fields,
            body: signed.body + [UInt8(ascii: " ")])
        #expect(endpoint.answer(request, requestID: "R", at: noon).kind == "bad-signature")
    }

    @Test func `the script comes before the token's word and is used up by good calls only`() throws {
        let script = #"[{"token":"\#(token("cancel"))","answers":[{"kind":"throttle"},{"kind":"unknown"}]}]"#
        var endpoint = Self.endpoint(try Script(json: Array(script.utf8)))
        let call = Call(token: token("cancel"))
        var unsigned = call
        unsigned.key = nil
        let kinds = [call, unsigned, call].map { endpoint.answer($0.request, requestID: "R", at: noon).kind }
        #expect(kinds == ["throttle", "missing-authentication", "unknown"])
    }

    @Test func `the log has what came`() {
        var endpoint = Self.endpoint()
        _ = endpoint.answer(Call(token: token("cancel")).request, requestID: "R1", at: noon)
        var other = Call(body: #"{"taskToken":"x","details":"50%"}"#)
        other.target = "A.B"
        _ = endpoint.answer(other.request, requestID: "R2", at: noon)
        #expect(endpoint.log.total == 2)
        #expect(endpoint.log.byOperation == ["RecordActivityTaskHeartbeat": 1, "other": 1])
        #expect(endpoint.log.byAnswer == ["cancel": 1, "unknown-operation": 1])
        let last = endpoint.log.last
        #expect(last?.taskToken == "x" && last?.details == "50%" && last?.requestID == "R2" && last?.status == 400)
        #expect(last?.headers["x-amz-target"] == "A.B" && last?.headers["x-amz-date"] == "20261120T212737Z")
        endpoint.forgetCalls()
        #expect(endpoint.log.total == 0 && endpoint.log.byAnswer.isEmpty && endpoint.log.calls.isEmpty)
    }
}
