import Heartbeat
import TestSupport
import Testing

@testable import swf_simulator

struct TaskControlTests {
    private static let start = Moment.now

    private static func kind(_ body: () throws(Fault) -> Void) -> String {
        do {
            try body()
            return "ok"
        } catch {
            return error.kind
        }
    }

    @Test func `a task is over once nothing was heard of it for longer than its timeout`() {
        var tasks = OpenTasks(heartbeatTimeout: .seconds(60), now: Self.start)
        func heartbeat(_ token: String, _ seconds: Int) -> String {
            Self.kind { () throws(Fault) in try tasks.heartbeat(token, at: Self.start + .seconds(seconds)) }
        }
        tasks.begin("begun", at: Self.start)
        #expect(heartbeat("beating", 0) == "ok")
        #expect(heartbeat("beating", 60) == "ok")
        #expect(tasks.counts(at: Self.start + .seconds(60)) == .init(open: 2))
        #expect(heartbeat("begun", 61) == "unknown")
        #expect(heartbeat("begun", 62) == "unknown")
        #expect(tasks.counts(at: Self.start + .seconds(120)) == .init(open: 1, timedOut: 1))
        #expect(tasks.counts(at: Self.start + .seconds(121)) == .init(timedOut: 2))
    }

    @Test func `what is throttled keeps no task alive`() {
        let rate = RateLimit(rate: 1, burst: 1)
        var tasks = OpenTasks(rate: rate, heartbeatTimeout: .seconds(60), now: Self.start)
        let kinds = ["a", "b"].map { token in
            Self.kind { () throws(Fault) in try tasks.heartbeat(token, at: Self.start) }
        }
        #expect(kinds == ["ok", "throttle"])
        #expect(tasks.counts(at: Self.start) == .init(open: 1))
    }

    @Test func `a closed task is neither open nor timed out`() {
        var tasks = OpenTasks(heartbeatTimeout: .seconds(60), now: Self.start)
        tasks.begin("a", at: Self.start)
        tasks.requestCancellation(of: "a")
        #expect(tasks.isCancelRequested(of: "a") && !tasks.isCancelRequested(of: "b"))
        tasks.close("a")
        #expect(Self.kind { () throws(Fault) in try tasks.heartbeat("a", at: Self.start) } == "unknown")
        #expect(tasks.counts(at: Self.start + .seconds(100)) == .init(cancelRequested: 1))
    }

    @Test func `a cancellation that was asked for is told, and the counts are`() throws {
        var endpoint = Endpoint(region: "us-east-1", credentials: [exampleKey], script: Script())
        let call = Call(token: token("ok#1"))
        #expect(endpoint.answer(call.request, requestID: "R", at: noon).text == #"{"cancelRequested":false}"#)
        endpoint.requestCancellations(of: [token("ok#1")])
        #expect(endpoint.answer(call.request, requestID: "R", at: noon).text == #"{"cancelRequested":true}"#)
        let other = Call(token: token("ok#2"))
        #expect(endpoint.answer(other.request, requestID: "R", at: noon).text == #"{"cancelRequested":false}"#)
    }

    @Test func `tasks are begun, cancelled and counted over the socket`() throws {
        let simulator = try SimulatorProcess(["--heartbeat-timeout", "300s"])
        let client = try simulator.client()
        #expect(try client.post("/tasks", body: #"{"taskTokens":["a","b"]}"#).status == 204)
        #expect(try client.post("/cancellations", body: #"{"taskTokens":["b"]}"#).status == 204)
        #expect(try client.get("/tasks").text == "{\"cancelRequested\":1,\"open\":2,\"timedOut\":0}\n")
        #expect(try client.post("/tasks", body: "a").status == 400)
        #expect(try client.request("DELETE", "/tasks")["Allow"] == "GET, HEAD, POST")
        #expect(try client.get("/cancellations")["Allow"] == "POST")
    }
}
