import Foundation
import TestSupport
import Testing

/// `/metrics` as others read it.
@Suite(.timeLimit(.minutes(10)))
struct MetricsTests {
    /// A service that has every metric: with a spool, an issuer of tokens and some calls behind it.
    private static func busyService(_ change: [String: String] = [:]) throws -> (Service, TemporaryDirectory) {
        let directory = try TemporaryDirectory("metrics")
        try directory.write(#"{"keys":[]}"#, to: "jwks.json")
        let service = try Service(
            [
                "HEARTBEAT_SPOOL_DIRECTORY": directory.file("spool"),
                "HEARTBEAT_JWT_ISSUER": "https://id.example.com", "HEARTBEAT_JWT_AUDIENCE": "heartbeats",
                "HEARTBEAT_JWKS_FILE": directory.file("jwks.json"),
            ].merging(change) { $1 })
        for token in ["ok", "unknown", "throttle"] { _ = try service.heartbeat(base64(token)) }
        return (service, directory)
    }

    private static func value(_ name: String, in metrics: String) -> Double? {
        metrics.split(separator: "\n").first { $0.hasPrefix("\(name) ") }.flatMap {
            Double($0.dropFirst(name.count + 1))
        }
    }

    /// What promtool has to say; it complains about names that are not as Prometheus would have them, too.
    private static func promtool(_ metrics: String, _ directory: TemporaryDirectory) throws -> ChildProcess.Output {
        try directory.write(metrics, to: "metrics")
        return try ChildProcess.run(
            "bash",
            ["-c", #"exec "$0" check metrics <"$1""#, Locations.executable("promtool"), directory.file("metrics")],
            environment: ["PATH": Locations.path])
    }

    @Test func `promtool finds nothing wrong`() throws {
        let (service, directory) = try Self.busyService()
        let metrics = try service.process.operations("/metrics").text
        let output = try Self.promtool(metrics, directory)
        #expect(output.exit == .exited(0), "\(output.standardOutput)\(output.standardError)")
        #expect(output.standardOutput + output.standardError == "")
        let wrong = try Self.promtool(
            metrics + "# TYPE heartbeat_milliseconds gauge\nheartbeat_milliseconds 1\n", directory)
        #expect(wrong.exit != .exited(0))
    }

    /// Reads the page as Prometheus' Python client does, which is stricter than Prometheus.
    private static let openMetricsReader = """
        import sys
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        for family in text_string_to_metric_families(sys.stdin.read()):
            print(family.name, family.type, family.unit or "-", len(family.samples))
            for sample in family.samples:
                if sample.exemplar: print("exemplar", sample.name, sample.exemplar.labels["trace_id"])
        """

    private static func read(_ page: String) throws -> ChildProcess.Output {
        let directory = try TemporaryDirectory("openmetrics")
        try directory.write(page, to: "page")
        return try ChildProcess.run(
            "bash",
            ["-c", #"exec "$0" -c "$1" <"$2""#, Python.interpreter(), openMetricsReader, directory.file("page")],
            environment: ["PATH": Locations.path, "PYTHONUTF8": "1"])
    }

    @Test func `OpenMetrics is read by another reader, exemplars and units too`() throws {
        let (service, _) = try Self.busyService()
        func beat(_ parent: String) throws {
            let answer = try service.heartbeat(base64("ok"), headers: Service.headers + [("traceparent", parent)])
            #expect(answer.status == 200)
        }
        try beat("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
        try beat("00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-00")
        let page = try RawHTTPClient(port: service.process.operationsPort).get(
            "/metrics", headers: [("Accept", "application/openmetrics-text;version=1.0.0"), ("Connection", "close")])
        #expect(page["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(page["Vary"] == "Accept")
        let output = try Self.read(page.text)
        #expect(output.exit == .exited(0), "\(output.standardError)")
        let lines = output.standardOutput.split(separator: "\n").map(String.init)
        #expect(lines.contains("heartbeat_request_duration_seconds histogram seconds 18"))
        #expect(lines.contains("process_cpu_seconds counter seconds 1"))
        #expect(lines.contains("heartbeat_spool_bytes gauge bytes 1"))
        #expect(lines.contains { $0.hasPrefix("heartbeat_requests counter - ") })
        let exemplars = lines.filter { $0.hasPrefix("exemplar ") }
        #expect(
            exemplars == ["exemplar heartbeat_request_duration_seconds_bucket 4bf92f3577b34da6a3ce929d0e0e4736"])
        #expect(try Self.read(page.text.replacing("# EOF\n", with: "")).exit != .exited(0))
    }

    @Test(arguments: [
        // What Prometheus 2.42 and 3.5 send.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "application/openmetrics-text"
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,*/*;q=0.2", "application/openmetrics-text"
        ),
        ("text/plain;version=0.0.4;q=0.6,application/openmetrics-text;q=0.5", "text/plain"),
        ("application/openmetrics-text;q=0,*/*", "text/plain"), ("*/*", "text/plain"), ("text/html", "text/plain"),
    ])
    func `the form of metrics that is preferred`(accept: String, expected: String) throws {
        let port = try Self.idleService.get().process.operationsPort
        let page = try RawHTTPClient(port: port).get(
            "/metrics", headers: [("Accept", accept), ("Connection", "close")])
        #expect(page.status == 200)
        #expect(page["Content-Type"]?.hasPrefix("\(expected);") == true)
        #expect(page.text.hasSuffix("# EOF\n") == (expected != "text/plain"))
    }

    private static let idleService = Result { try Service() }

    @Test func `the process is what the kernel says it is`() throws {
        let (service, _) = try Self.busyService()
        let metrics = try service.process.operations("/metrics").text
        func value(_ name: String) throws -> Double { try #require(Self.value(name, in: metrics), "\(name)") }
        #expect(try value("process_cpu_seconds_total") >= 0)
        #expect(try (1_000_000...1_000_000_000).contains(value("process_resident_memory_bytes")))
        #expect(try value("process_virtual_memory_bytes") > value("process_resident_memory_bytes"))
        #expect(try (10...value("process_max_fds")).contains(value("process_open_fds")))
        #expect(try abs(value("process_start_time_seconds") - Date().timeIntervalSince1970) < 3600)
        // A connection more is a descriptor more.
        let clients = try (0..<20).map { _ in try service.process.client() }
        for client in clients { _ = try client.get("/openapi.json") }
        let after = try service.process.operations("/metrics").text
        #expect(try #require(Self.value("process_open_fds", in: after)) >= value("process_open_fds") + 20)
    }

    /// The contract: what is here is a promise.
    @Test(arguments: [
        #"heartbeat_requests_total{code="recorded",status="200"} "#, "heartbeat_request_duration_seconds_bucket{le=",
        #"heartbeat_upstream_attempts_total{result="ok"} "#, "heartbeat_upstream_duration_seconds_bucket{le=",
        #"heartbeat_upstream_connections{state="idle"} "#, "heartbeat_coalesced_total{by=",
        #"heartbeat_audit_rows_total{sink="postgresql"} "#, "heartbeat_audit_pending_rows ",
        "heartbeat_audit_commit_duration_seconds_bucket{le=", "heartbeat_spool_rows ", "heartbeat_spool_bytes ",
        #"heartbeat_connections{state="active"} "#, "heartbeat_credentials_expiry_seconds ",
        "heartbeat_build_info{version=",
    ])
    func `the contract's metrics are there`(series: String) throws {
        #expect(try Self.contractMetrics.get().contains("\n\(series)"))
    }

    /// With credentials that expire: others have no time to tell.
    private static let contractMetrics = Result {
        let credentials = try StubServer.withCredentials()
        let (service, _) = try busyService([
            "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": credentials.url,
        ])
        return try withExtendedLifetime(credentials) { try service.process.operations("/metrics").text }
    }
}
