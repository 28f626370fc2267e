import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
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
        #expect(refusal["Retry-After"] == "1")
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
}
