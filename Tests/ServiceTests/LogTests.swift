import Foundation
import TestSupport
import Testing

/// Lines of single requests, and `Server-Timing`.
@Suite(.timeLimit(.minutes(10)))
struct LogTests {
    private typealias Line = [String: String]

    /// The lines about requests, once as many are there as are expected.
    private static func lines(_ service: Service, count: Int) throws -> [Line] {
        var lines: [Line] = []
        try service.process.wait(for: "\(count) lines") {
            lines = try service.process.child.standardOutput.split(separator: "\n").compactMap { line in
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? Line
            }.filter { ["heartbeat", "reading", "request"].contains($0["msg"]) }
            return lines.count >= count
        }
        return lines
    }

    /// - Parameter change: to the settings.
    private static func lines(_ change: [String: String], count: Int) throws -> [Line] {
        let service = try Service(["HEARTBEAT_EVENT_LOOPS": "1"].merging(change) { $1 })
        for token in ["ok", "unknown", "ok", "throttle", "ok", "ok"] {
            _ = try service.heartbeat(base64(token), headers: Service.headers + [("X-Request-Id", token)])
        }
        let client = try service.process.client()
        _ = try client.get("/nowhere", headers: [("X-Request-Id", "nowhere")])
        _ = try client.get("/tasks/heartbeat")
        try client.send("nonsense\r\n\r\n")
        _ = try client.receive()
        let lines = try lines(service, count: count)
        #expect(try service.process.terminate() == .exited(0))
        return lines
    }

    private static let failures = [
        "unknown_task", "upstream_throttled", "not_found", "method_not_allowed", "malformed_request",
    ]

    @Test func `at info failures have a line each, and successes none`() throws {
        let lines = try Self.lines([:], count: 5)
        #expect(lines.map { $0["code"] } == Self.failures)
        #expect(lines.allSatisfy { $0["level"] == "info" && $0["request_id"] != nil && $0["status"] != nil })
        #expect(lines[0]["request_id"] == "unknown")
        #expect(lines[0]["caller"] == "demo")
        #expect(lines[0]["trace_id"]?.count == 32)
        #expect(lines[2]["client_address"] == "127.0.0.1")
    }

    @Test func `one success of some has a line at info`() throws {
        let lines = try Self.lines(["HEARTBEAT_LOG_SUCCESSES": "2"], count: 7)
        #expect(lines.filter { $0["code"] == "recorded" && $0["level"] == "info" }.count == 2)
        #expect(lines.count == 7)
    }

    @Test func `at debug all have one`() throws {
        let lines = try Self.lines(["HEARTBEAT_LOG_LEVEL": "debug"], count: 9)
        #expect(lines.filter { $0["code"] == "recorded" && $0["level"] == "debug" }.count == 4)
        #expect(lines.count == 9)
    }

    @Test func `answers tell what took how long where that is on`() throws {
        let silent = try Service()
        #expect(try silent.heartbeat(base64("ok"))["Server-Timing"] == nil)
        let service = try Service(["HEARTBEAT_SERVER_TIMING": "on"])
        let number = #"\d+\.\d{3}"#
        let all = try Regex("auth;dur=\(number), upstream;dur=\(number), audit;dur=\(number)")
        for token in ["ok", "unknown"] {
            let timing = try #require(try service.heartbeat(base64(token))["Server-Timing"])
            #expect(timing.wholeMatch(of: all) != nil, "\(timing)")
        }
        let refused = try #require(try service.heartbeat(base64("ok"), headers: [])["Server-Timing"])
        #expect(try refused.wholeMatch(of: Regex("auth;dur=\(number), audit;dur=\(number)")) != nil, "\(refused)")
    }
}
