import EventLoop
import FoundationEssentials
import Synchronization
import TestSupport
import Testing

/// Coalescing, admission and the circuit, through processes and sockets.
@Suite(.timeLimit(.minutes(10)))
struct RelayingServiceTests {
    private static func headers(timeout: Int) -> [(name: String, value: String)] {
        Service.headers + [("Heartbeat-Timeout", "\(timeout)")]
    }

    /// What the simulator counts.
    private static func counts(_ service: Service) throws -> (total: Int, throttled: Int) {
        struct Calls: Decodable {
            let total: Int
            let byAnswer: [String: Int]
        }
        let calls = try JSONDecoder().decode(Calls.self, from: Data(service.simulator.calls().utf8))
        return (calls.total, calls.byAnswer["throttle"] ?? 0)
    }

    @Test func `near to the last call its status answers, and the end sends what was put off`() throws {
        let service = try Service()
        let token = base64("cancel#late")
        let client = try service.process.client()
        let path = "/tasks/\(token)/heartbeat"
        let first = try client.post(path, headers: Self.headers(timeout: 3600), body: #"{"details":"1"}"#)
        #expect(first.status == 200 && first["Heartbeat-Relayed"] == nil && first["Age"] == nil)
        let second = try client.post(
            "/tasks/heartbeat", headers: Service.headers,
            body: "{\"taskToken\":\"\(token)\",\"details\":\"2\",\"heartbeatTimeout\":3600}")
        #expect(second.status == 200 && second.text == "{\"cancelRequested\":true}")
        #expect(second["Heartbeat-Relayed"] == "false")
        #expect(second["Age"].flatMap(Int.init).map { $0 >= 0 && $0 < 900 } == true)
        let row = try service.row(
            second["X-Request-Id"], "outcome, status, cancel_requested, relayed, attempts, details")
        #expect(row == ["recorded", "200", "t", "f", "0", "2"])
        #expect(try Self.counts(service).total == 1)
        let metrics = try service.process.operations("/metrics").text
        #expect(metrics.contains("\nheartbeat_coalesced_total{by=\"last_known_status\"} 1\n"))
        #expect(metrics.contains("\nheartbeat_tasks 1\n"))

        #expect(try service.process.terminate() == .exited(0))
        #expect(try service.simulator.calls().contains(#""details":"2""#))
        let rows = try service.database.query(
            """
            SELECT relayed, attempts, details, cancel_requested, client_address FROM heartbeat_audit
            WHERE request_id = '\(second["X-Request-Id"] ?? "")' ORDER BY received_at
            """)
        #expect(rows.map { $0.prefix(4) } == [["f", "0", "2", "t"], ["t", "1", "2", "t"]])
        #expect(rows.map { $0[4] } == ["127.0.0.1", PrivatePostgreSQL.null])
    }

    @Test func `beats of one task at once share calls, on all loops`() throws {
        let service = try Service(simulator: ["--latency", "200ms"])
        let token = base64("ok#shared")
        let answers = try Callers.all(24) { number in
            try service.heartbeat(token, "{\"details\":\"\(number)\"}").status
        }
        #expect(answers == Array(repeating: 200, count: 24))
        let total = try Self.counts(service).total
        let relayed = try service.database.query("SELECT count(*) FROM heartbeat_audit WHERE relayed")[0][0]
        #expect(relayed == "\(total)")
        #expect(total < 24)
        let metrics = try service.process.operations("/metrics").text
        #expect(metrics.contains("\nheartbeat_coalesced_total{by=\"call\"} "))
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `a fleet that beats ten times as often as SWF takes is served, and SWF never throttles`() throws {
        let service = try Service(["HEARTBEAT_SWF_RATE": "20/s:60"], simulator: ["--rate", "20/s:60"])
        let (tasks, callers, rounds) = (40, 8, 30)
        let statuses = try Callers.all(callers) { caller in
            let client = try service.process.client()
            var statuses: [Int: Int] = [:]
            for round in 0..<rounds {
                for task in stride(from: caller, to: tasks, by: callers) {
                    let answer = try client.post(
                        "/tasks/\(base64("ok#\(task)"))/heartbeat", headers: Self.headers(timeout: 60),
                        body: "{\"details\":\"\(round)\"}")
                    statuses[answer.status, default: 0] += 1
                }
            }
            return statuses
        }
        let all = statuses.reduce(into: [:]) { sum, one in sum.merge(one) { $0 + $1 } }
        #expect(all == [200: tasks * rounds])
        #expect(try service.process.terminate() == .exited(0))
        let (total, throttled) = try Self.counts(service)
        #expect(throttled == 0)
        // The first of each task, and the last; and those that a slow machine has time for.
        #expect((2 * tasks..<tasks * rounds / 2).contains(total))
        let last = try service.simulator.calls().split(separator: #""details":"\#(rounds - 1)""#).count - 1
        #expect(last >= tasks)
    }

    @Test func `after many failures callers are told to wait, and are served when SWF is back`() throws {
        let service = try Service(["AWS_MAX_ATTEMPTS": "1"])
        for number in 0..<10 { #expect(try service.heartbeat(base64("internal#\(number)")).status == 502) }
        let before = try Self.counts(service).total
        let refused = try service.heartbeat(base64("ok#after"))
        if refused.status == 503 {
            #expect(refused.text.contains(#""code":"upstream_unavailable","retryable":true"#))
            #expect(refused["Retry-After"].flatMap(Int.init).map { (1...3).contains($0) } == true)
            #expect(try Self.counts(service).total == before)
            let row = try service.row(refused["X-Request-Id"], "outcome, attempts, relayed")
            #expect(row == ["upstream_unavailable", "0", "f"])
        }
        try service.process.wait(for: "a probe") { try service.heartbeat(base64("ok#after")).status == 200 }
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `a rate that is used up is 429 with the time to wait, at once`() throws {
        let service = try Service(["HEARTBEAT_SWF_RATE": "1/s:3"])
        let answers = try Callers.all(12) { number in
            let answer = try service.heartbeat(
                base64("ok#\(number)"), headers: Service.headers + [("Prefer", "wait=5")])
            return [answer.status, answer["Retry-After"].flatMap(Int.init) ?? 0]
        }
        let refused = answers.filter { $0[0] == 429 }
        #expect(!refused.isEmpty)
        #expect(refused.allSatisfy { $0[1] >= 1 && $0[1] < 20 })
        // On a busy machine a turn may come too late for its call.
        #expect(Set(answers.map { $0[0] }).isSubset(of: [200, 429, 504]))
        let outcomes = try service.database.query(
            "SELECT DISTINCT outcome FROM heartbeat_audit WHERE status = 429 AND NOT relayed AND attempts = 0")
        #expect(outcomes == [["upstream_throttled"]])
        #expect(try service.process.terminate() == .exited(0))
    }
}

/// Callers on threads of their own.
private final class Callers<Value: Sendable>: Sendable {
    private let results = Mutex<[Int: Result<Value, any Error>]>([:])

    private init() {}

    static func all(_ count: Int, _ body: @escaping @Sendable (Int) throws -> Value) throws -> [Value] {
        let callers = Callers()
        let threads = (0..<count).map { number in
            Thread(named: "caller-\(number)") {
                let result = Result { try body(number) }
                callers.results.withLock { $0[number] = result }
            }
        }
        for thread in threads { thread.join() }
        return try callers.results.withLock { $0 }.sorted { $0.key < $1.key }.map { try $0.value.get() }
    }
}
