import Authentication
import Foundation
import TestSupport
import Testing
import Transport

@testable import heartbeat_facade

/// An environment with which the service starts, and one change to it.
struct ConfigurationRow: CustomTestStringConvertible, Sendable {
    static let good = [
        "DATABASE_URL": "postgres://localhost/audit", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret", "HEARTBEAT_API_KEYS": "worker:\(String(repeating: "ab", count: 32))",
    ]

    var change: [String: String]
    /// The beginning of the only fault; nil: none.
    var fault: String?

    init(_ change: [String: String], _ fault: String? = nil) {
        self.change = change
        self.fault = fault
    }

    var environment: [String: String] { Self.good.merging(change) { _, new in new } }
    var testDescription: String { "\(change) -> \(fault ?? "good")" }
}

struct ConfigurationTests {
    private static func algorithms(_ text: String, issuers: Int) -> [String: String] {
        let names = (0..<issuers).map { "https://\($0).example" }
        return [
            "HEARTBEAT_JWT_ISSUER": names.joined(separator: ","), "HEARTBEAT_JWT_AUDIENCE": "a",
            "HEARTBEAT_JWT_ALGORITHMS": text,
        ]
    }

    @Test(arguments: [
        ConfigurationRow([:]),
        ConfigurationRow(["HEARTBEAT_LISTEN": "127.0.0.1:0"]),
        ConfigurationRow(["HEARTBEAT_LISTEN": "[::1]:8080"]),
        ConfigurationRow(
            ["HEARTBEAT_LISTEN": "localhost:8080"], "HEARTBEAT_LISTEN: \"localhost:8080\" is not an address"),
        ConfigurationRow(["HEARTBEAT_LISTEN": "8080"], "HEARTBEAT_LISTEN: "),
        ConfigurationRow(["HEARTBEAT_LISTEN": "0.0.0.0:65536"], "HEARTBEAT_LISTEN: "),
        ConfigurationRow(["HEARTBEAT_OPERATIONS_LISTEN": "::1:9090"], "HEARTBEAT_OPERATIONS_LISTEN: "),
        ConfigurationRow(["HEARTBEAT_LISTEN": "unix:/run/hbf/api", "HEARTBEAT_OPERATIONS_LISTEN": "unix:/run/hbf/ops"]),
        ConfigurationRow(["HEARTBEAT_LISTEN": "unix:api"], "HEARTBEAT_LISTEN: "),
        ConfigurationRow(["HEARTBEAT_CONNECTIONS_MAX": "1", "HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX": "1000000"]),
        ConfigurationRow(["HEARTBEAT_CONNECTIONS_MAX": "0"], "HEARTBEAT_CONNECTIONS_MAX: "),
        ConfigurationRow(["HEARTBEAT_CONNECTIONS_MAX": "1000001"], "HEARTBEAT_CONNECTIONS_MAX: "),
        ConfigurationRow(["HEARTBEAT_LOG_SUCCESSES": "none", "HEARTBEAT_SERVER_TIMING": "on"]),
        ConfigurationRow(["HEARTBEAT_LOG_SUCCESSES": "1000", "HEARTBEAT_SERVER_TIMING": "off"]),
        ConfigurationRow(["HEARTBEAT_LOG_SUCCESSES": "0"], "HEARTBEAT_LOG_SUCCESSES: "),
        ConfigurationRow(["HEARTBEAT_LOG_SUCCESSES": "1/10"], "HEARTBEAT_LOG_SUCCESSES: "),
        ConfigurationRow(["HEARTBEAT_SERVER_TIMING": "yes"], "HEARTBEAT_SERVER_TIMING: "),
        ConfigurationRow([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example:4318", "OTEL_TRACES_SAMPLER": "traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": "0.1", "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Basic%20dTpw",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=a,b=c",
        ]),
        ConfigurationRow(["OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"], "OTEL_EXPORTER_OTLP_ENDPOINT: "),
        ConfigurationRow(
            ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://"], "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "),
        ConfigurationRow(["OTEL_TRACES_SAMPLER": "xray"], "OTEL_TRACES_SAMPLER: "),
        ConfigurationRow(
            ["OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "2"], "OTEL_TRACES_SAMPLER: "),
        ConfigurationRow(
            ["OTEL_EXPORTER_OTLP_HEADERS": "secret"], "OTEL_EXPORTER_OTLP_HEADERS is not of the form key=value"),
        ConfigurationRow(
            ["OTEL_EXPORTER_OTLP_HEADERS": "a:b=c"], "OTEL_EXPORTER_OTLP_HEADERS: \"a:b\" cannot be sent"),
        ConfigurationRow(["OTEL_EXPORTER_OTLP_HEADERS": "a=b%0Ac"], "OTEL_EXPORTER_OTLP_HEADERS: \"a\" cannot"),
        ConfigurationRow(["OTEL_RESOURCE_ATTRIBUTES": "a=%F"], "OTEL_RESOURCE_ATTRIBUTES is not of the form"),
        ConfigurationRow(["HEARTBEAT_REQUESTS_MAX": "1"]),
        ConfigurationRow(["HEARTBEAT_REQUESTS_MAX": "0"], "HEARTBEAT_REQUESTS_MAX: "),
        ConfigurationRow(["HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX": "off"], "HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX: "),
        ConfigurationRow(["HEARTBEAT_IDLE_TIMEOUT": "2m"]),
        ConfigurationRow(["HEARTBEAT_IDLE_TIMEOUT": "0s"], "HEARTBEAT_IDLE_TIMEOUT: "),
        ConfigurationRow(["HEARTBEAT_TRUSTED_PROXIES": "10.0.0.0/8, ::1 unix:"]),
        ConfigurationRow(["HEARTBEAT_TRUSTED_PROXIES": "10.0.0.1/8"], "HEARTBEAT_TRUSTED_PROXIES: "),
        ConfigurationRow(["HEARTBEAT_PROXY_PROTOCOL": "on", "HEARTBEAT_TRUSTED_PROXIES": "10.0.0.1"]),
        ConfigurationRow(["HEARTBEAT_PROXY_PROTOCOL": "off"]),
        ConfigurationRow(["HEARTBEAT_PROXY_PROTOCOL": "on"], "HEARTBEAT_PROXY_PROTOCOL is on, but HEARTBEAT_TRUSTED"),
        ConfigurationRow(["HEARTBEAT_PROXY_PROTOCOL": "v2"], "HEARTBEAT_PROXY_PROTOCOL: \"v2\" is not on or off."),
        ConfigurationRow(["HEARTBEAT_EVENT_LOOPS": "1"]),
        ConfigurationRow(["HEARTBEAT_EVENT_LOOPS": "16"]),
        ConfigurationRow(["HEARTBEAT_EVENT_LOOPS": "0"], "HEARTBEAT_EVENT_LOOPS: \"0\" is not a whole number from 1"),
        ConfigurationRow(["HEARTBEAT_EVENT_LOOPS": "17"], "HEARTBEAT_EVENT_LOOPS: "),
        ConfigurationRow(["HEARTBEAT_EVENT_LOOPS": "two"], "HEARTBEAT_EVENT_LOOPS: "),
        ConfigurationRow(["HEARTBEAT_BIND_TASKS": "first-caller"]),
        ConfigurationRow(["HEARTBEAT_BIND_TASKS": "on"], "HEARTBEAT_BIND_TASKS: \"on\" is not first-caller."),
        ConfigurationRow(["HEARTBEAT_AUDIT_COMMIT_TIMEOUT": "2s"]),
        ConfigurationRow(["HEARTBEAT_AUDIT_COMMIT_TIMEOUT": "0s"], "HEARTBEAT_AUDIT_COMMIT_TIMEOUT: "),
        ConfigurationRow(["HEARTBEAT_AUDIT_COMMIT_TIMEOUT": "500"], "HEARTBEAT_AUDIT_COMMIT_TIMEOUT: "),
        ConfigurationRow(["HEARTBEAT_AUDIT_DETAILS": "length"]),
        ConfigurationRow(["HEARTBEAT_AUDIT_DETAILS": "none"]),
        ConfigurationRow(["HEARTBEAT_AUDIT_DETAILS": "off"], "HEARTBEAT_AUDIT_DETAILS: \"off\" is not full, length or"),
        ConfigurationRow(["HEARTBEAT_API_KEYS": "a:\(String(repeating: "ab", count: 32)):audit,heartbeat"]),
        ConfigurationRow(
            ["HEARTBEAT_API_KEYS": "a:\(String(repeating: "ab", count: 32)):all"], "HEARTBEAT_API_KEYS: line 1"),
        ConfigurationRow(["HEARTBEAT_AUDIT_RETENTION": "1d"]),
        ConfigurationRow(["HEARTBEAT_AUDIT_RETENTION": "36500d"]),
        ConfigurationRow(["HEARTBEAT_AUDIT_RETENTION": "36501d"], "HEARTBEAT_AUDIT_RETENTION: "),
        ConfigurationRow(
            ["HEARTBEAT_AUDIT_RETENTION": "23h"],
            "HEARTBEAT_AUDIT_RETENTION: \"23h\" is not a duration from 1d to 36500d."),
        ConfigurationRow(["HEARTBEAT_AUDIT_RETENTION": "90"], "HEARTBEAT_AUDIT_RETENTION: "),
        ConfigurationRow(["HEARTBEAT_LOG_LEVEL": "debug"]),
        ConfigurationRow(["HEARTBEAT_LOG_LEVEL": "loud"], "HEARTBEAT_LOG_LEVEL: "),
        ConfigurationRow(["HEARTBEAT_LOG_FORMAT": "text"]),
        ConfigurationRow(["HEARTBEAT_LOG_FORMAT": "xml"], "HEARTBEAT_LOG_FORMAT: \"xml\" is not json or text."),
        ConfigurationRow(["HEARTBEAT_SHUTDOWN_GRACE": "1m"]),
        ConfigurationRow(["HEARTBEAT_DRAIN_DELAY": "5s"]),
        ConfigurationRow(["HEARTBEAT_DRAIN_DELAY": "5"], "HEARTBEAT_DRAIN_DELAY: "),
        ConfigurationRow(["HEARTBEAT_SHUTDOWN_GRACE": "soon"], "HEARTBEAT_SHUTDOWN_GRACE: "),
        ConfigurationRow(["HEARTBEAT_API_KEYS": "worker:abc"], "HEARTBEAT_API_KEYS: line 1"),
        ConfigurationRow(["HEARTBEAT_API_KEYS": ""]),
        ConfigurationRow(["HEARTBEAT_API_KEYS_FILE": "/nowhere"], "HEARTBEAT_API_KEYS and HEARTBEAT_API_KEYS_FILE"),
        ConfigurationRow(["DATABASE_URL": ""], "DATABASE_URL is not set"),
        ConfigurationRow(["DATABASE_URL": "", "PGHOST": "/var/run/postgresql"]),
        ConfigurationRow(["DATABASE_URL": "postgres://%zz"], "DATABASE_URL: "),
        ConfigurationRow(["AWS_REGION": ""], "no region is set: set AWS_REGION"),
        ConfigurationRow(["AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-1"]),
        ConfigurationRow(["AWS_REGION": "us east"], "AWS_REGION: "),
        ConfigurationRow(["AWS_PROFILE": "nowhere"], "AWS_PROFILE: "),
        ConfigurationRow(["AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"]),
        ConfigurationRow(["AWS_MAX_ATTEMPTS": "0"], "AWS_MAX_ATTEMPTS: "),
        ConfigurationRow(["AWS_RETRY_MODE": "adaptive"]),
        ConfigurationRow(["AWS_RETRY_MODE": "hopeful"], "AWS_RETRY_MODE: "),
        ConfigurationRow(["AWS_ENDPOINT_URL_SWF": "http://127.0.0.1:8000"]),
        ConfigurationRow(["AWS_ENDPOINT_URL_SWF": "http://127.0.0.1:8000/swf"], "AWS_ENDPOINT_URL_SWF: "),
        ConfigurationRow(["AWS_ENDPOINT_URL": "ftp://host"], "AWS_ENDPOINT_URL: "),
        ConfigurationRow(["HEARTBEAT_JWT_ISSUER": "https://id.example", "HEARTBEAT_JWT_AUDIENCE": "a, b"]),
        ConfigurationRow(["HEARTBEAT_JWT_ISSUER": "https://a.example,https://b.example", "HEARTBEAT_JWT_AUDIENCE": "a"]
        ),
        ConfigurationRow(["HEARTBEAT_JWT_ISSUER": "https://id.example"], "HEARTBEAT_JWT_AUDIENCE is not set"),
        ConfigurationRow(["HEARTBEAT_JWT_AUDIENCE": "a"], "HEARTBEAT_JWT_ISSUER is not set, but HEARTBEAT_JWT_AUD"),
        ConfigurationRow(["HEARTBEAT_JWT_SCOPE": "a"], "HEARTBEAT_JWT_ISSUER is not set, but HEARTBEAT_JWT_SCOPE"),
        ConfigurationRow(["HEARTBEAT_JWKS_FILE": "/x"], "HEARTBEAT_JWT_ISSUER is not set, but HEARTBEAT_JWKS_FILE"),
        ConfigurationRow(
            ["HEARTBEAT_JWT_ISSUER": "id.example", "HEARTBEAT_JWT_AUDIENCE": "a"],
            "HEARTBEAT_JWT_ISSUER: \"id.example\" is no https URL"),
        ConfigurationRow(
            ["HEARTBEAT_JWT_ISSUER": "https://a.example,,", "HEARTBEAT_JWT_AUDIENCE": "a", "HEARTBEAT_JWKS_URL": ""],
            "HEARTBEAT_JWT_ISSUER: \"https://a.example,,\" is not a list"),
        ConfigurationRow(
            [
                "HEARTBEAT_JWT_ISSUER": "id.example", "HEARTBEAT_JWT_AUDIENCE": "a",
                "HEARTBEAT_JWKS_URL": "https://id.example/keys", "HEARTBEAT_JWT_CALLER_CLAIM": "azp",
            ]),
        ConfigurationRow(
            [
                "HEARTBEAT_JWT_ISSUER": "id", "HEARTBEAT_JWT_AUDIENCE": "a",
                "HEARTBEAT_JWKS_URL": "http://id.example/keys",
            ], "HEARTBEAT_JWKS_URL: \"http://id.example/keys\" is not an https URL"),
        ConfigurationRow(
            ["HEARTBEAT_JWT_ISSUER": "id", "HEARTBEAT_JWT_AUDIENCE": "a", "HEARTBEAT_JWKS_FILE": "/nowhere"],
            "HEARTBEAT_JWKS_FILE: /nowhere cannot be read: open /nowhere: No such file"),
        ConfigurationRow(
            ["HEARTBEAT_JWT_ISSUER": "id", "HEARTBEAT_JWT_AUDIENCE": "a", "HEARTBEAT_JWKS_FILE": "/dev/null"],
            "HEARTBEAT_JWKS_FILE: /dev/null is not valid JSON"),
        ConfigurationRow(
            ["HEARTBEAT_JWT_ISSUER": "a,b", "HEARTBEAT_JWT_AUDIENCE": "a", "HEARTBEAT_JWKS_FILE": "/x"],
            "HEARTBEAT_JWKS_FILE goes with one issuer, but HEARTBEAT_JWT_ISSUER has 2."),
        ConfigurationRow(
            ["HEARTBEAT_JWT_ISSUER": "https://a.example", "HEARTBEAT_JWT_AUDIENCE": "a", "HEARTBEAT_JWT_SCOPE": "a b"],
            "HEARTBEAT_JWT_SCOPE: \"a b\" is not one scope"),
        ConfigurationRow(algorithms("RS256, EdDSA", issuers: 2)),
        ConfigurationRow(algorithms("RS256,PS512;ES256", issuers: 2)),
        ConfigurationRow(algorithms("", issuers: 1)),
        ConfigurationRow(
            algorithms("RS256,none,rs384,HS256", issuers: 1),
            "HEARTBEAT_JWT_ALGORITHMS: \"none\", \"rs384\", \"HS256\" is none of RS256, RS384"),
        ConfigurationRow(algorithms("RS256,", issuers: 1), "HEARTBEAT_JWT_ALGORITHMS: \"\" is none of"),
        ConfigurationRow(
            algorithms("RS256,RS256", issuers: 1), "HEARTBEAT_JWT_ALGORITHMS: \"RS256,RS256\" has an algorithm twice"),
        ConfigurationRow(
            algorithms("RS256;ES256", issuers: 3),
            "HEARTBEAT_JWT_ALGORITHMS has 2 lists with semicolons between them, but HEARTBEAT_JWT_ISSUER has 3"),
        ConfigurationRow(
            ["HEARTBEAT_JWT_ALGORITHMS": "RS256"], "HEARTBEAT_JWT_ISSUER is not set, but HEARTBEAT_JWT_ALG"),
        ConfigurationRow(["HEARTBEAT_RATE_LIMIT": "10/s"]),
        ConfigurationRow(["HEARTBEAT_RATE_LIMIT": "10/s:50"]),
        ConfigurationRow(["HEARTBEAT_RATE_LIMIT": "10"], "HEARTBEAT_RATE_LIMIT: \"10\" is not a rate such as 10/s"),
        ConfigurationRow(["HEARTBEAT_BIND_TASKS": "first-caller"]),
        ConfigurationRow(["HEARTBEAT_BIND_TASKS": "yes"], "HEARTBEAT_BIND_TASKS: \"yes\" is not first-caller"),
        ConfigurationRow(["HEARTBEAT_SWF_RATE": "auto"]),
        ConfigurationRow(["HEARTBEAT_SWF_RATE": "off"]),
        ConfigurationRow(["HEARTBEAT_SWF_RATE": "160/s:2000"]),
        ConfigurationRow(["HEARTBEAT_SWF_RATE": "160"], "HEARTBEAT_SWF_RATE: \"160\" is not auto, off, or a rate"),
        ConfigurationRow(["HEARTBEAT_MIN_INTERVAL": "5s"]),
        ConfigurationRow(["HEARTBEAT_MIN_INTERVAL": "0s"], "HEARTBEAT_MIN_INTERVAL: \"0s\" is not a duration"),
        ConfigurationRow(["HEARTBEAT_TLS_CERTIFICATE": "/x"], "HEARTBEAT_TLS_PRIVATE_KEY is not set"),
        ConfigurationRow(["HEARTBEAT_TLS_PRIVATE_KEY": "/x"], "HEARTBEAT_TLS_CERTIFICATE is not set"),
        ConfigurationRow(["HEARTBEAT_TLS_CLIENT_CA": "/x"], "HEARTBEAT_TLS_CERTIFICATE is not set"),
        ConfigurationRow(["HEARTBEAT_TLS_CLIENT_CRL": "/x"], "HEARTBEAT_TLS_CLIENT_CA is not set"),
        ConfigurationRow(["HEARTBEAT_TLS_CLIENT_MAP": "/x"], "HEARTBEAT_TLS_CLIENT_CA is not set"),
        ConfigurationRow(["HEARTBEAT_TLS_CLIENT_AUTHENTICATION": "required"], "HEARTBEAT_TLS_CLIENT_CA is not set"),
        ConfigurationRow(
            ["HEARTBEAT_TLS_CERTIFICATE": "/nowhere", "HEARTBEAT_TLS_PRIVATE_KEY": "/nowhere"],
            "HEARTBEAT_TLS_CERTIFICATE: open /nowhere: No such file"),
        ConfigurationRow(
            ["HEARTBEAT_TLS_CERTIFICATE": "/dev/null", "HEARTBEAT_TLS_PRIVATE_KEY": "/dev/null"],
            "HEARTBEAT_TLS_CERTIFICATE: /dev/null: no certificate in it"),
    ])
    func `each setting takes what it should, and says what is wrong with the rest`(row: ConfigurationRow) {
        let faults = Configuration.read(row.environment).faults
        if let fault = row.fault {
            #expect(faults.count == 1)
            #expect(faults.first?.hasPrefix(fault) == true, "\(faults)")
        } else {
            #expect(faults == [])
        }
    }

    @Test func `all faults are told at once, and no secret with them`() {
        let (_, faults, warnings) = Configuration.read([
            "HEARTBEAT_EVENT_LOOPS": "x", "HEARTBEAT_API_KEYS": "a:hunter2\nb:hunter3",
            "DATABASE_URL": "postgres://user:hunter5@%zz", "HEARTBEAT_LISTN": "x",
        ])
        #expect(faults.count == 5)
        #expect(!"\(faults)\(warnings)".contains("hunter"))
        #expect(warnings == ["HEARTBEAT_LISTN is unknown and ignored; did you mean HEARTBEAT_LISTEN?"])
    }

    @Test func `the defaults are those of the table of settings`() {
        let configuration = Configuration.read(ConfigurationRow.good).configuration
        for setting in Setting.all where setting.name.hasPrefix("HEARTBEAT_") && !setting.isSecret {
            if setting.name == "HEARTBEAT_EVENT_LOOPS" { continue }
            #expect(setting.value(configuration) == setting.defaultText, "\(setting.name)")
        }
    }

    @Test func `a secret may lie in a file, whose last newline is not part of it`() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("worker:\(String(repeating: "cd", count: 32))\n", to: "keys")
        var environment = ConfigurationRow.good
        environment["HEARTBEAT_API_KEYS"] = nil
        environment["HEARTBEAT_API_KEYS_FILE"] = path
        let (configuration, faults, _) = Configuration.read(environment)
        #expect(faults == [])
        #expect(configuration.apiKeys.entries.map(\.name) == ["worker"])
    }

    @Test(arguments: [
        ("0ms", Duration.zero), ("500ms", .milliseconds(500)), ("25s", .seconds(25)), ("10m", .seconds(600)),
        ("24h", .seconds(86_400)), ("90d", .seconds(90 * 86_400)),
    ])
    func `durations have a unit`(text: String, duration: Duration) {
        #expect(DurationText.duration(text) == duration)
        #expect(DurationText.duration(DurationText.text(duration)) == duration)
    }

    @Test(arguments: ["", "5", "s", "-1s", "1.5s", "1 s", "1S", "1w", "99999999999s", "１s"])
    func `anything else is no duration`(text: String) {
        #expect(DurationText.duration(text) == nil)
    }

    @Test(arguments: [
        ("max 100000\n", nil), ("200000 100000\n", 2), ("150000 100000\n", 2), ("50000 100000\n", 1), ("", nil),
        ("x y", nil),
    ])
    func `a container's quota is rounded up to whole processors`(text: String, count: Int?) {
        #expect(Processors.quota(cgroup2: text) == count)
        let words = text.split(separator: " ")
        if words.count == 2, words[0] != "max" {
            #expect(Processors.quota(cgroup1: String(words[0]), period: String(words[1])) == count)
        }
    }

    @Test func `no quota in version 1 of cgroups is -1`() {
        #expect(Processors.quota(cgroup1: "-1\n", period: "100000\n") == nil)
    }
}
