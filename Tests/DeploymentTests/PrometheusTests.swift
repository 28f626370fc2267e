import Foundation
import TestSupport
import Testing

/// The Prometheus of the compose file's profile, with its settings, and a service that it asks.
@Suite(.timeLimit(.minutes(10)))
struct PrometheusTests {
    private static let key = TestKey.text
    private static let keyLine = TestKey.line(of: "demo")
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    private let directory: TemporaryDirectory
    private let simulator: SimulatorProcess
    private let service: ServiceProcess
    private let prometheus: ChildProcess
    private let port: UInt16

    init() throws {
        directory = try TemporaryDirectory()
        simulator = try SimulatorProcess()
        service = try ServiceProcess(
            environment: simulator.environment.merging([
                "DATABASE_URL": PrivatePostgreSQL.shared().createDatabase().tcpConnectionString,
                "HEARTBEAT_API_KEYS": Self.keyLine, "HEARTBEAT_SPOOL_DIRECTORY": directory.file("spool"),
            ]) { $1 })
        port = try freePort()
        let settings = try ComposeTests().content("prometheus")
            .replacing("heartbeat-facade:9090", with: "127.0.0.1:\(service.operationsPort)")
            .replacing("/etc/prometheus/", with: "\(directory.path)/")
            .replacing("scrape_interval: 5s", with: "scrape_interval: 1s\n  evaluation_interval: 1s")
        try directory.write(settings, to: "prometheus.yml")
        try directory.write(ComposeTests().content("prometheus-alerts"), to: "alerts.yaml")
        prometheus = try ChildProcess(
            "prometheus",
            [
                "--config.file=\(directory.file("prometheus.yml"))", "--storage.tsdb.path=\(directory.file("data"))",
                "--web.listen-address=127.0.0.1:\(port)", "--enable-feature=exemplar-storage",
            ])
    }

    /// Asks until it says what is waited for.
    private func ask(_ path: String, until isMet: ([String: Any]) -> Bool) throws {
        try service.wait(for: path, within: .seconds(120)) {
            guard prometheus.exit == nil else { throw prometheus.failure("ended") }
            // Until it listens the connection is refused.
            guard let answer = try? RawHTTPClient(port: port).get(path, headers: [("Connection", "close")]) else {
                return false
            }
            return (try? JSONSerialization.jsonObject(with: Data(answer.body))).flatMap { $0 as? [String: Any] }
                .flatMap { $0["data"] as? [String: Any] }.map(isMet) ?? false
        }
    }

    @Test func `it reads the service's metrics with their exemplars, and its alerts`() throws {
        let answer = try service.client().post(
            "/tasks/b2s=/heartbeat",
            headers: [
                ("Authorization", "Bearer \(Self.key)"), ("traceparent", "00-\(Self.traceID)-00f067aa0ba902b7-01"),
            ])
        try #require(answer.status == 200)
        try ask("/api/v1/targets") { data in
            let targets = data["activeTargets"] as? [[String: Any]] ?? []
            return targets.count == 1 && targets[0]["health"] as? String == "up"
        }
        try ask("/api/v1/query?query=heartbeat_requests_total%7Bcode=%22recorded%22%7D==1") { data in
            (data["result"] as? [Any])?.count == 1
        }
        try ask("/api/v1/query?query=heartbeat_ready==1") { ($0["result"] as? [Any])?.count == 1 }
        let rules = try Deployment.text("\(Deployment.directory)/prometheus/alerts.yaml").matches(of: /- alert:/).count
        try ask("/api/v1/rules") { data in
            let groups = data["groups"] as? [[String: Any]] ?? []
            let healths = groups.flatMap { $0["rules"] as? [[String: Any]] ?? [] }.map { $0["health"] as? String }
            return healths.count == rules && healths.allSatisfy { $0 == "ok" }
        }
        try ask("/api/v1/query?query=ALERTS") { ($0["result"] as? [Any])?.isEmpty == true }
        let exemplars = try RawHTTPClient(port: port).get(
            "/api/v1/query_exemplars?query=heartbeat_request_duration_seconds_bucket&start=0&end=9999999999",
            headers: [("Connection", "close")])
        #expect(exemplars.text.contains(#""trace_id":"\#(Self.traceID)""#), "\(exemplars.text)")
    }
}
