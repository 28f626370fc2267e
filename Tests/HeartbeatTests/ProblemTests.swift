import HTTP
import Heartbeat
import JSON
import Testing

@Suite struct ProblemTests {
    @Test func `a problem's members are complete and in order`() {
        let response = Problem(.upstreamThrottled, "Say \"when\".", retryAfter: 9)
            .response(requestID: "req-1", upstreamRequestID: "swf-1", random: 0)
        #expect(
            response.text == #"{"type":"/problems/upstream_throttled","title":"Throttled by SWF","status":429,"#
                + #""detail":"Say \"when\".","code":"upstream_throttled","retryable":true,"requestId":"req-1","#
                + #""upstreamRequestId":"swf-1"}"#)
        #expect(response.status == 429)
        #expect(
            response.fields.map { "\($0.name): \($0.value)" } == [
                "Content-Type: application/problem+json", "X-Content-Type-Options: nosniff", "X-Request-Id: req-1",
                "Cache-Control: no-store",
                "X-Amzn-RequestId: swf-1", "Retry-After: 9",
            ])
    }

    @Test(arguments: ErrorCode.allCases)
    func `every code renders as JSON with its own explanation`(code: ErrorCode) throws {
        let response = Problem(code).response(requestID: "req-1", random: 0)
        let members = try JSON.members(of: response.body)
        #expect(
            members.map(\.name) == ["type", "title", "status", "detail", "code", "retryable", "requestId"])
        #expect(members.first { $0.name == "detail" }?.value == .string(code.explanation))
        #expect(members.first { $0.name == "status" }?.value == .other(compact: String(code.status)))
        #expect(members.first { $0.name == "retryable" }?.value == .bool(code.isRetryable))
        #expect(response["Retry-After"] == code.retryAfterDefault.map { String($0) })
        #expect(response["X-Amzn-RequestId"] == nil)
    }

    @Test func `Retry-After is at least one second, and only where the code carries it`() {
        #expect(Problem(.overloaded, retryAfter: 0).response(requestID: "r", random: 0)["Retry-After"] == "1")
        #expect(Problem(.overloaded, retryAfter: -5).response(requestID: "r", random: 0)["Retry-After"] == "1")
        #expect(Problem(.overloaded, retryAfter: 8).response(requestID: "r", random: .max)["Retry-After"] == "10")
        #expect(Problem(.invalidRequest, retryAfter: 5).response(requestID: "r", random: 0)["Retry-After"] == nil)
    }

    @Test func `some codes say more in the header`() {
        let missing = Problem.unauthenticated(credentialsPresented: false).response(requestID: "r", random: 0)
        #expect(missing["WWW-Authenticate"] == #"Bearer realm="heartbeat-facade""#)
        let bad = Problem.unauthenticated(credentialsPresented: true).response(requestID: "r", random: 0)
        #expect(bad["WWW-Authenticate"] == #"Bearer realm="heartbeat-facade", error="invalid_token""#)
        let method = Problem.methodNotAllowed(allow: [.get, .head]).response(requestID: "r", random: 0)
        #expect(method["Allow"] == "GET, HEAD")
        let coding = Problem.unsupportedContentEncoding().response(requestID: "r", random: 0)
        #expect(coding["Accept-Encoding"] == "identity")
    }
}

@Suite struct OtherRouteTests {
    @Test(arguments: [
        ("/openapi.yaml", "application/yaml", "openapi: 3.1.0\n"), ("/openapi.json", "application/json", "{}"),
    ])
    func `the API's description is served as it is`(path: String, type: String, text: String) async {
        for method in [Method.get, .head] {
            let fakes = Fakes()
            let response = await fakes.respond(method, path, key: nil, fields: ["X-Request-Id": "req-1"])
            #expect(response.status == 200)
            #expect(response["Content-Type"] == type)
            #expect(response["X-Request-Id"] == "req-1")
            #expect(response.text == text)
            #expect(fakes.events.isEmpty)
        }
    }

    @Test(arguments: [
        (Method.get, "/nothing", ErrorCode.notFound, String?.none), (.post, "/", .methodNotAllowed, "GET, HEAD"),
        (.get, "/problems/nothing", .notFound, nil), (.get, "/tasks/heartbeat", .methodNotAllowed, "POST"),
        (.delete, "/tasks/abc/heartbeat", .methodNotAllowed, "POST"),
        (.post, "/openapi.yaml", .methodNotAllowed, "GET, HEAD"),
        (.options, "/tasks/heartbeat", .methodNotAllowed, "POST"), (.options, "*", .notFound, nil),
        (.trace, "/openapi.json", .methodNotAllowed, "GET, HEAD"),
    ])
    func `what is no heartbeat is answered without an audit row`(
        method: Method, path: String, code: ErrorCode, allow: String?
    ) async {
        let fakes = Fakes()
        let response = await fakes.respond(method, path)
        #expect(response.status == code.status)
        #expect(response.text.contains("\"code\":\"\(code.rawValue)\""))
        #expect(response["Allow"] == allow)
        #expect(response["X-Request-Id"]?.count == 36)
        #expect(fakes.events.isEmpty)
    }

    @Test(arguments: ProtocolError.allCases)
    func `bytes that are no request are answered as a problem`(error: ProtocolError) {
        let fakes = Fakes()
        let response = fakes.handler.reject(error)
        let code = ErrorCode(error)
        #expect(response.status == code.status)
        #expect(response.text.contains("\"code\":\"\(code.rawValue)\""))
        #expect(response["X-Request-Id"] == "018bcfe5-6800-7007-8000-000000000007")
        #expect(fakes.events.isEmpty)
    }
}

@Suite struct RedactionTests {
    /// Calls that fail in as many ways as a token can be wrong.
    @Test(arguments: [
        ("/tasks/\(Fakes.token)/heartbeat", "{"), ("/tasks/\(Fakes.token)%/heartbeat", ""),
        ("/tasks/\(Fakes.token)%00/heartbeat", ""), ("/tasks/\(Fakes.token)%FF/heartbeat", ""),
        ("/tasks/\(Fakes.token)\(String(repeating: "a", count: 1024))/heartbeat", ""),
        ("/tasks/\(Fakes.token)/heartbeat", #"{"taskToken":"\#(Fakes.token)"}"#),
        ("/tasks/heartbeat", #"{"taskToken":"\#(Fakes.token)","#),
        ("/tasks/heartbeat", #"{"taskToken":"\#(Fakes.token)","taskToken":"\#(Fakes.token)"}"#),
        ("/tasks/heartbeat", #"{"taskToken":"\#(Fakes.token)\n"}"#),
        ("/tasks/heartbeat", #"{"taskToken":["\#(Fakes.token)"]}"#),
        ("/tasks/heartbeat", #"{"taskToken":"\#(Fakes.token)","details":[1"#),
        ("/tasks/\(Fakes.token)/nothing", ""),
    ])
    func `no answer shows the token`(path: String, body: String) async {
        let fakes = Fakes()
        for response in [await fakes.respond(.post, path, body: body), await fakes.respond(.put, path, body: body)] {
            #expect(response.status >= 400)
            #expect(!response.text.contains("secret"))
            #expect(!response.fields.contains { $0.value.contains("secret") })
        }
    }

    @Test func `no text of a beat shows the token`() async throws {
        let fakes = Fakes()
        _ = await fakes.respond()
        let beat = try #require(fakes.beats.first)
        #expect(beat.taskToken.secret == Fakes.token)
        var dumped = ""
        dump(beat, to: &dumped)
        for text in [dumped, "\(beat)", String(reflecting: beat), "\(beat.taskToken as Any)"] {
            #expect(!text.contains("secret+token"))
        }
    }

    @Test func `no answer shows the caller's credentials`() async {
        let response = await Fakes().respond(key: "hbf_swordfish")
        #expect(response.status == 401)
        #expect(!response.text.contains("swordfish"))
        #expect(response["WWW-Authenticate"]?.contains("invalid_token") == true)
    }
}
