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
        let expiration = Date(timeIntervalSinceNow: 7200).ISO8601Format()
        let stub = try StubServer { _ in
            let body = """
                {"AccessKeyId":"AKIDEXAMPLE","SecretAccessKey":"example","Token":"t","Expiration":"\(expiration)"}
                """
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")]
        }
        let (service, _) = try busyService([
            "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": stub.url,
        ])
        return try service.process.operations("/metrics").text
    }
}
