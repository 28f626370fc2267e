import EventLoop
import Synchronization
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct LimitTests {
    /// - Returns: a new key's own text, and its line for the configuration.
    private static func staticKey(_ name: String) throws -> (key: String, line: String) {
        let output = try runFacade(["keys", "create", name])
        let lines = output.standardOutput.split(separator: "\n").map(String.init)
        guard lines.count == 2 else { throw SupportError(output.standardError) }
        return (lines[0], lines[1])
    }

    private static func authorization(_ key: String) -> [(name: String, value: String)] {
        [("Authorization", "Bearer \(key)")]
    }

    /// Sends heartbeats until one is refused.
    /// - Returns: the answers before it, and it.
    private static func exhaust(
        _ service: ServiceProcess, _ key: String
    ) throws -> (before: [HTTPResponse], refusal: HTTPResponse) {
        let client = try service.client()
        var before: [HTTPResponse] = []
        while true {
            let answer = try client.post("/tasks/\(base64("ok"))/heartbeat", headers: authorization(key))
            if answer.status == 429 { return (before, answer) }
            before.append(answer)
        }
    }

    @Test func `a caller over its limit is refused, on all loops, until tokens are back; another is not`() throws {
        let other = try Self.staticKey("other")
        let service = try Service([
            "HEARTBEAT_API_KEYS": "\(Service.keyLine)\n\(other.line)", "HEARTBEAT_RATE_LIMIT": "2/s:5",
        ])
        let start = ContinuousClock.now
        let (before, refusal) = try Self.exhaust(service.process, Service.key)
        let elapsed = (ContinuousClock.now - start) / .seconds(1)
        #expect(before.allSatisfy { $0.status == 200 && $0["RateLimit-Policy"] == #""default";q=5;w=3"# })
        #expect(before.first?["RateLimit"] == #""default";r=4;t=1"#)
        #expect((5...5 + Int(2 * elapsed) + 1).contains(before.count))
        #expect(refusal["RateLimit"] == #""default";r=0;t=3"#)
        #expect(refusal["RateLimit-Policy"] == #""default";q=5;w=3"#)
        #expect(["1", "2"].contains(refusal["Retry-After"]))
        #expect(refusal["Content-Type"] == "application/problem+json")
        #expect(refusal.text.contains(#""code":"rate_limited","retryable":true"#))
        let row = try service.row(refusal["X-Request-Id"], "caller, outcome, status, attempts, relayed")
        #expect(row == ["demo", "rate_limited", "429", "0", "f"])

        let answer = try service.heartbeat(base64("ok"), headers: Self.authorization(other.key))
        #expect(answer.status == 200)
        #expect(answer["RateLimit"] == #""default";r=4;t=1"#)

        try service.process.wait(for: "a token") { try service.heartbeat(base64("ok")).status == 200 }
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `a key's own limit wins over the setting, and reading counts too`() throws {
        let service = try Service([
            "HEARTBEAT_RATE_LIMIT": "1000/s", "HEARTBEAT_TRUSTED_PROXIES": "127.0.0.1",
        ])
        let created = try runFacade(
            ["keys", "create", "slow", "--rate", "1/s:3", "--scope", "heartbeat", "--scope", "audit"],
            environment: ["DATABASE_URL": service.database.tcpConnectionString])
        let key = String(try #require(created.standardOutput.split(separator: "\n").first))
        let path = "/tasks/\(base64("ok"))"
        try service.process.wait(for: "the key") {
            try service.process.client().get(path, headers: Self.authorization(key)).status != 401
        }
        let (_, refusal) = try Self.exhaust(service.process, key)
        #expect(refusal["RateLimit-Policy"] == #""default";q=3;w=3"#)
        let refusedReading = try service.process.client().get(path, headers: Self.authorization(key))
        #expect(refusedReading["RateLimit-Policy"] == #""default";q=3;w=3"#)
        #expect([200, 429].contains(refusedReading.status))
        let answer = try service.heartbeat(base64("ok"))
        #expect(answer.status == 200)
        #expect(answer["RateLimit-Policy"] == #""default";q=1000;w=1"#)
        #expect(try service.process.terminate() == .exited(0))
    }

    /// How many refusals the audit table knows of, in how many rows, and how many of those are summaries.
    private static func refusals(_ service: Service) throws -> (count: Int, rows: Int, summaries: Int) {
        let numbers = try service.database.query(
            """
            SELECT coalesce(sum(coalesce((details::jsonb->>'refused')::int, 1)), 0), count(*), count(details)
            FROM heartbeat_audit WHERE outcome IN ('unauthenticated', 'rate_limited')
            """)[0].map { Int($0) ?? -1 }
        return (numbers[0], numbers[1], numbers[2])
    }

    @Test func `a flood of bad keys is counted whole in few rows, and callers from elsewhere are served`() throws {
        let service = try Service(["HEARTBEAT_TRUSTED_PROXIES": "127.0.0.1"])
        let start = ContinuousClock.now
        let flood = Flood(40, of: service.process)
        var served = 0
        try service.process.wait(for: "three summaries") {
            let answer = try service.heartbeat(
                base64("ok"), headers: Service.headers + [("X-Forwarded-For", "192.0.2.1")])
            #expect(answer.status == 200)
            served += 1
            return try Self.refusals(service).summaries >= 3
        }
        let answers = try flood.finish()
        let seconds = Int((ContinuousClock.now - start) / .seconds(1)) + 1
        #expect(served > 0)
        // Who guesses is no longer told whether it guessed well.
        #expect(Set(answers.keys) == [401, 429])
        let (count, rows, summaries) = try Self.refusals(service)
        #expect(count == answers.values.reduce(0, +))
        // Those of their own, and of each second, loop and outcome one.
        #expect(rows - summaries <= 10 + 10 * seconds + 4 * seconds)
        #expect(summaries <= 4 * seconds)
        let metrics = try service.process.operations("/metrics").text
        #expect(metrics.contains("\nheartbeat_audit_summarised_refusals_total \(count - rows + summaries)\n"))
        #expect(try service.process.terminate() == .exited(0))
    }
}

/// Callers with bad keys from one address, each sending heartbeats on a connection of its own.
private final class Flood: Sendable {
    private let answers = Mutex<[Int: Int]>([:])
    private let fault = Mutex<String?>(nil)
    private let isFinishing = Atomic(false)
    private let threads = Mutex<[Thread]>([])

    init(_ count: Int, of service: ServiceProcess) {
        let started = (0..<count).map { number in
            Thread(named: "guesser-\(number)") { [self] in
                do {
                    let client = try service.client()
                    while !isFinishing.load(ordering: .relaxed) {
                        let headers = [("Authorization", "Bearer hbf_bad"), ("X-Forwarded-For", "192.0.2.66")]
                        let status = try client.post("/tasks/\(base64("ok"))/heartbeat", headers: headers).status
                        answers.withLock { $0[status, default: 0] += 1 }
                    }
                } catch {
                    fault.withLock { $0 = "\(error)" }
                }
            }
        }
        threads.withLock { $0 = started }
    }

    /// - Returns: how many answers there were of each status.
    func finish() throws -> [Int: Int] {
        isFinishing.store(true, ordering: .relaxed)
        for thread in threads.withLock({ $0 }) { thread.join() }
        if let fault = fault.withLock(\.self) { throw SupportError(fault) }
        return answers.withLock(\.self)
    }
}
