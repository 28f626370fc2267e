import Heartbeat
import Testing

@testable import swf_simulator

/// What `--rate` and `--heartbeat-timeout` make of heartbeats.
struct OpenTasksTests {
    private static let start = Moment.now

    /// What calls get; each is its time in milliseconds and its token.
    private func kinds(_ tasks: OpenTasks, _ calls: [(Int, String)], _ change: (inout Call) -> Void = { _ in })
        -> [String]
    {
        var endpoint = Endpoint(region: "us-east-1", credentials: [exampleKey], script: Script(), tasks: tasks)
        return calls.map { milliseconds, token in
            var call = Call(token: token)
            change(&call)
            let time = Self.start + .milliseconds(milliseconds)
            return endpoint.answer(call.request, requestID: "R", at: noon, time).kind
        }
    }

    private let rate = RateLimit(rate: 10, burst: 2)

    @Test func `beyond the burst heartbeats are throttled until a call's time has passed, whosever they are`() {
        let calls = [(0, "a"), (0, "b"), (0, "c"), (99, "a"), (100, "c"), (100, "b"), (10_000, "a")]
        #expect(
            kinds(OpenTasks(rate: rate, now: Self.start), calls)
                == ["ok", "ok", "throttle", "throttle", "ok", "throttle", "ok"])
    }

    @Test func `what is refused for another reason, or is no heartbeat, uses up nothing`() {
        let tasks = OpenTasks(rate: rate, now: Self.start)
        let calls = (0..<4).map { _ in (0, "a") }
        #expect(Set(kinds(tasks, calls) { $0.key = nil }) == ["missing-authentication"])
        let others = kinds(tasks, calls) { $0.target = "SimpleWorkflowService.RespondActivityTaskCompleted" }
        #expect(others.count == 4 && !others.contains("throttle"))
    }

    @Test func `a task that is silent for longer than its timeout is unknown from then on`() {
        let tasks = OpenTasks(heartbeatTimeout: .seconds(1), now: Self.start)
        let calls = [(0, "a"), (1000, "a"), (1500, "b"), (2001, "a"), (2002, "a"), (2500, "b")]
        #expect(kinds(tasks, calls) == ["ok", "ok", "ok", "unknown", "unknown", "ok"])
    }

    @Test func `a throttled heartbeat does not keep its task alive`() {
        let tasks = OpenTasks(rate: RateLimit(rate: 1, burst: 2), heartbeatTimeout: .seconds(1), now: Self.start)
        let calls = [(0, "a"), (0, "b"), (900, "a"), (1100, "a")]
        #expect(kinds(tasks, calls) == ["ok", "ok", "throttle", "unknown"])
    }
}
