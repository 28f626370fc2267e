import Testing

@testable import swf_simulator

/// RespondActivityTaskCanceled, and what becomes of a task that it ended.
struct OperationTests {
    private static func respond(_ token: String) -> Call {
        var call = Call(token: token)
        call.target = "SimpleWorkflowService.RespondActivityTaskCanceled"
        return call
    }

    private static func answers(_ calls: [Call], script: String = "[]") throws -> [Answer] {
        var endpoint = Endpoint(
            region: "us-east-1", credentials: [exampleKey], script: try Script(json: Array(script.utf8)))
        return calls.map { endpoint.answer($0.request, requestID: "R", at: noon) }
    }

    @Test(arguments: ["x", token("ok"), token("cancel"), token("slow:0")])
    func `a cancellation is answered with nothing`(_ token: String) throws {
        let answer = try #require(try Self.answers([Self.respond(token)]).first)
        #expect(answer.status == 200 && answer.text == "")
    }

    @Test func `after it the task is unknown, whoever asks, and no other is`() throws {
        let calls = [
            Call(token: "a"), Self.respond("a"), Call(token: "a"), Self.respond("a"), Call(token: "b"),
            Call(token: token("cancel")), Self.respond(token("cancel")), Call(token: token("cancel")),
        ]
        let kinds = try Self.answers(calls).map(\.kind)
        #expect(kinds == ["ok", "ok", "unknown", "unknown", "ok", "cancel", "cancel", "unknown"])
    }

    @Test func `a cancellation that fails leaves the task as it was`() throws {
        let script = """
            [{"token":"a","operation":"RespondActivityTaskCanceled",
              "answers":[{"kind":"throttle"},{"kind":"500"},{"kind":"reset"},{"kind":"ok"}]}]
            """
        let calls = (0..<4).flatMap { _ in [Self.respond("a"), Call(token: "a")] }
        let kinds = try Self.answers(calls, script: script).map(\.kind)
        #expect(kinds == ["throttle", "ok", "500", "ok", "reset", "ok", "ok", "unknown"])
    }

    @Test func `it is refused as the other one is`() throws {
        var unsigned = Self.respond("a")
        unsigned.key = nil
        let calls = [unsigned, Self.respond(token("unknown")), Self.respond(""), Self.respond(token("not-permitted"))]
        let kinds = try Self.answers(calls).map(\.kind)
        #expect(kinds == ["missing-authentication", "unknown", "validation", "not-permitted"])
    }
}
