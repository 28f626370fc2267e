import Foundation
import TestSupport
import Testing

/// Alerts, the dashboard and pages name only what a service tells.
@Suite(.timeLimit(.minutes(10)))
struct MonitoringTests {
    private static let rulesFile = "\(Deployment.directory)/prometheus/alerts.yaml"
    private static let dashboardFile = "\(Deployment.directory)/grafana/dashboard.json"
    /// What Prometheus itself adds to a series, and what buckets have.
    private static let commonLabels: Set<String> = ["job", "instance", "le"]
    /// Tables of PostgreSQL that begin like metrics.
    private static let tables: Set<String> = [
        "heartbeat_audit", "heartbeat_audit_default", "heartbeat_audit_migrations", "heartbeat_api_keys",
    ]

    /// By the metric's name: the labels of its series.
    private typealias Metrics = [String: [[String: String]]]

    /// Of a service that has all of them.
    private static let metrics = Result {
        let directory = try TemporaryDirectory()
        try directory.write(#"{"keys":[]}"#, to: "jwks.json")
        let credentials = try StubServer.withCredentials()
        let simulator = try SimulatorProcess()
        let authority = try CertificateAuthority()
        let certificate = try authority.issue("/CN=service")
        let service = try ServiceProcess(
            environment: simulator.environment.merging([
                "HEARTBEAT_TLS_CERTIFICATE": certificate.certificate, "HEARTBEAT_TLS_PRIVATE_KEY": certificate.key,
                "DATABASE_URL": PrivatePostgreSQL.shared().createDatabase().tcpConnectionString,
                "HEARTBEAT_SPOOL_DIRECTORY": directory.file("spool"), "HEARTBEAT_SWF_RATE": "160/s:2000",
                "HEARTBEAT_JWT_ISSUER": "https://id.example.com", "HEARTBEAT_JWT_AUDIENCE": "heartbeats",
                "HEARTBEAT_JWKS_FILE": directory.file("jwks.json"), "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": credentials.url,
                // Nobody is there, and no one asks.
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1",
                "HEARTBEAT_API_KEYS": TestKey.line(of: "demo"),
            ]) { $1 })
        // Only a call tells SWF's clock, whatever comes of it: the simulator knows no session tokens.
        let call = try service.heartbeatOverTLS("b2s=", key: TestKey.text, trusting: authority)
        try #require(call.contains("\nX-Amzn-RequestId: "), "\(call)")
        return try withExtendedLifetime((simulator, credentials)) { try parse(service.operations("/metrics").text) }
    }

    private static func parse(_ text: String) -> Metrics {
        var metrics: Metrics = [:]
        for match in text.matches(of: /(?m)^(?<name>[a-z_]+)(?:\{(?<labels>.*)\})? \S+$/) {
            let labels = (match.labels ?? "").matches(of: /([a-z_]+)="((?:[^"\\]|\\.)*)"/)
            metrics[String(match.name), default: []].append(
                Dictionary(uniqueKeysWithValues: labels.map { (String($0.1), String($0.2)) }))
        }
        return metrics
    }

    /// What of an expression no service tells.
    private static func faults(_ expression: String, _ metrics: Metrics) -> [String] {
        var faults: [String] = []
        var labels: Set<String> = commonLabels
        for match in expression.matches(of: /\b((?:heartbeat|process)_[a-z_]+)(?:\{([^}]*)\})?/) {
            let series = metrics[String(match.1)] ?? []
            if series.isEmpty { faults.append("\(match.1) in \(expression)") }
            labels.formUnion(series.flatMap(\.keys))
            for matcher in (match.2 ?? "").matches(of: /([a-z_]+)(=~?)"([^"]*)"/)
            where !commonLabels.contains(String(matcher.1)) {
                guard let pattern = try? Regex(String(matcher.3)) else { return ["\(matcher.3) in \(expression)"] }
                if !series.contains(where: { $0[String(matcher.1)]?.wholeMatch(of: pattern) != nil }) {
                    faults.append("\(matcher.0) in \(expression)")
                }
            }
        }
        for match in expression.matches(of: /\bby \(([^)]*)\)/) {
            let unknown = match.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !labels.contains($0) }
            faults += unknown.map { "by \($0) in \(expression)" }
        }
        return faults
    }

    private static func rules() throws -> [[String: Any]] {
        let groups = try #require(Deployment.json(rulesFile)["groups"] as? [[String: Any]])
        return groups.flatMap { $0["rules"] as? [[String: Any]] ?? [] }
    }

    private static func panels() throws -> [[String: Any]] {
        try #require(Deployment.json(dashboardFile)["panels"] as? [[String: Any]])
    }

    private static func targets() throws -> [[String: Any]] {
        try panels().flatMap { $0["targets"] as? [[String: Any]] ?? [] }
    }

    @Test func `every metric and label of alerts is a service's`() throws {
        let metrics = try Self.metrics.get()
        let expressions = try Self.rules().compactMap { $0["expr"] as? String }
        #expect(expressions.count > 10)
        for expression in expressions { #expect(Self.faults(expression, metrics) == []) }
    }

    @Test func `every metric and label of the dashboard is a service's`() throws {
        let metrics = try Self.metrics.get()
        let targets = try Self.targets()
        #expect(targets.count > 15)
        for target in targets {
            let expression = try #require(target["expr"] as? String)
            #expect(Self.faults(expression, metrics) == [])
            // A legend can only have labels that are left.
            let legend = (target["legendFormat"] as? String ?? "").matches(of: /\{\{([a-z]+)\}\}/).map { String($0.1) }
            let left = expression.matches(of: /by \(([a-z, ]*)\)/).map { String($0.1) }
            for label in legend where !left.isEmpty { #expect(left.joined().contains(label), "\(expression)") }
        }
    }

    @Test(arguments: [
        ("heartbeat_gone_total > 0", "heartbeat_gone_total in heartbeat_gone_total > 0"),
        (#"heartbeat_requests_total{code="none"}"#, #"code="none" in heartbeat_requests_total{code="none"}"#),
        (#"heartbeat_requests_total{kind=~".."}"#, #"kind=~".." in heartbeat_requests_total{kind=~".."}"#),
        ("sum by (job, kind) (heartbeat_ready)", "by kind in sum by (job, kind) (heartbeat_ready)"),
    ])
    func `what is no service's is found`(expression: String, fault: String) throws {
        #expect(try Self.faults(expression, Self.metrics.get()) == [fault])
    }

    @Test(arguments: ["README.md", "docker/SCALING.md"])
    func `every metric that a page names is a service's`(page: String) throws {
        let metrics = try Self.metrics.get()
        let text = try Deployment.text("\(Locations.packageRoot)/\(page)")
        let names = Set(text.matches(of: /\bheartbeat_[a-z_]+[a-z]\b/).map { String($0.0) }).subtracting(Self.tables)
        #expect(!names.isEmpty)
        for name in names.sorted() {
            #expect(metrics[name] != nil || metrics["\(name)_bucket"] != nil, "\(name)")
        }
    }

    @Test func `panels are told apart and do not overlap`() throws {
        let panels = try Self.panels()
        #expect(Set(panels.map { $0["id"] as? Int }).count == panels.count)
        let places = panels.map { ($0["gridPos"] as? [String: Int]) ?? [:] }
        #expect(Set(places.map { [$0["x"], $0["y"]] }).count == panels.count)
        #expect(places.allSatisfy { ($0["x"] ?? 0) + ($0["w"] ?? 99) <= 24 })
    }

    @Test func `each alert says what is the matter, and what to do`() throws {
        for rule in try Self.rules() {
            let annotations = rule["annotations"] as? [String: String] ?? [:]
            #expect((annotations["summary"]?.count ?? 0) > 20, "\(rule)")
            #expect((annotations["description"]?.count ?? 0) > 40, "\(rule)")
            #expect(["page", "ticket"].contains((rule["labels"] as? [String: String])?["severity"]), "\(rule)")
        }
    }

    /// - Parameter change: to the rules, so that a test of the tests can break them.
    private static func promtool(_ change: (String) -> String = { $0 }) throws -> ChildProcess.Output {
        let directory = try TemporaryDirectory()
        try directory.write(change(Deployment.text(rulesFile)), to: "rules.yaml")
        try directory.write(
            Deployment.text("\(Locations.packageRoot)/Tests/DeploymentTests/alerts.yaml"), to: "tests.yaml")
        return try ChildProcess.run(
            "bash",
            ["-c", #"cd "$0" && promtool check rules rules.yaml && promtool test rules tests.yaml"#, directory.path],
            environment: ["PATH": Locations.path])
    }

    @Test func `alerts fire when they should, and only then`() throws {
        let output = try Self.promtool()
        #expect(output.exit == .exited(0), "\(output.standardOutput)\(output.standardError)")
    }

    @Test(arguments: [
        ("> 0.5", "> 0.4"), ("> 0.5", "> 0.6"), ("< 300", "< 301"), ("for: 2m", "for: 0m"), ("> 0.05", "> 0.04"),
        ("circuit[2m]) > 0", "circuit[2m]) > 1"), ("for: 5m", "for: 1m"), (#"sink="spool""#, #"sink="postgresql""#),
        ("severity: page", "severity: ticket"),
        ("rows > 0", "rows > 1"),
    ])
    func `an alert that is changed is noticed`(old: String, new: String) throws {
        #expect(try Self.promtool { $0.replacing(old, with: new) }.exit != .exited(0))
    }
}
