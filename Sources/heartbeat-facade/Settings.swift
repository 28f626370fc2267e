import Authentication
import SigV4
import SigningClient
import Telemetry

/// The table of settings: `check`, `serve --help` and the README's table are made of it.
struct Setting: Sendable {
    let name: String
    /// As the documentation has it.
    let defaultText: String
    let meaning: String
    /// Whether it holds a secret: then it can be given as a file too, with the suffix `_FILE`, and is never shown.
    var isSecret = false
    /// The resolved value.
    let value: @Sendable (Configuration) -> String

    static let all: [Setting] = [
        Setting(
            name: "HEARTBEAT_LISTEN", defaultText: "0.0.0.0:8080",
            meaning: "the API's listener; also `[::]:8080`", value: { "\($0.listen)" }),
        Setting(
            name: "HEARTBEAT_OPERATIONS_LISTEN", defaultText: "0.0.0.0:9090",
            meaning: "health and metrics", value: { "\($0.operationsListen)" }),
        Setting(
            name: "HEARTBEAT_EVENT_LOOPS", defaultText: "the cores it may use, at most 16",
            meaning: "event-loop threads, 1 to 16; each holds one PostgreSQL connection",
            value: { "\($0.eventLoops)" }),
        Setting(
            name: "HEARTBEAT_API_KEYS", defaultText: "none",
            meaning: "static API keys, `name:sha256-hex`, one a line", isSecret: true,
            value: { "\($0.apiKeys.entries.count) keys" }),
        Setting(
            name: "HEARTBEAT_AUDIT_COMMIT_TIMEOUT", defaultText: "500ms",
            meaning: "how long an answer waits for its audit row; then it is 503 `audit_unavailable`",
            value: { DurationText.text($0.auditCommitTimeout) }),
        Setting(
            name: "HEARTBEAT_LOG_LEVEL", defaultText: "info",
            meaning: "`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`",
            value: { "\($0.logLevel)" }),
        Setting(
            name: "HEARTBEAT_LOG_FORMAT", defaultText: "json",
            meaning: "`json`, or `text` for people", value: { $0.logFormat.rawValue }),
        Setting(
            name: "HEARTBEAT_SHUTDOWN_GRACE", defaultText: "25s",
            meaning: "drain time after SIGTERM", value: { DurationText.text($0.shutdownGrace) }),
        Setting(
            name: "DATABASE_URL", defaultText: "libpq's `PG*` variables",
            meaning: "PostgreSQL, any libpq connection string", isSecret: true,
            value: { $0.database == nil ? "by libpq's PG* variables" : "set" }),
        Setting(
            name: "AWS_REGION", defaultText: "`AWS_DEFAULT_REGION`",
            meaning: "the region of SWF", value: { $0.region.isEmpty ? "not set" : $0.region }),
        Setting(
            name: "AWS_ACCESS_KEY_ID", defaultText: "none",
            meaning: "the AWS credentials to sign with", value: { $0.credentials == nil ? "not set" : "set" }),
        Setting(
            name: "AWS_SECRET_ACCESS_KEY", defaultText: "none",
            meaning: "their secret", value: { $0.credentials == nil ? "not set" : "set" }),
        Setting(
            name: "AWS_SESSION_TOKEN", defaultText: "none",
            meaning: "the session token of temporary credentials",
            value: { $0.credentials?.sessionToken == nil ? "not set" : "set" }),
        Setting(
            name: "AWS_ENDPOINT_URL_SWF", defaultText: "`AWS_ENDPOINT_URL`, else SWF's own in the region",
            meaning: "the endpoint to call",
            value: { $0.endpointOverride == nil && $0.region.isEmpty ? "not set" : $0.endpoint.url }),
    ]

    /// Of the published contract, and not built yet. To run without what somebody has asked for would be worse than
    /// not to run: `HEARTBEAT_TLS_CERTIFICATE` would be served in the clear.
    static let unsupported = [
        "HEARTBEAT_TLS_CERTIFICATE", "HEARTBEAT_TLS_PRIVATE_KEY", "HEARTBEAT_TLS_CLIENT_CA", "HEARTBEAT_JWT_ISSUER",
        "HEARTBEAT_JWT_AUDIENCE", "HEARTBEAT_JWKS_URL", "HEARTBEAT_JWKS_FILE", "HEARTBEAT_RATE_LIMIT",
        "HEARTBEAT_BIND_TASKS", "HEARTBEAT_SWF_RATE", "HEARTBEAT_MIN_INTERVAL", "HEARTBEAT_AUDIT_DETAILS",
        "HEARTBEAT_AUDIT_RETENTION", "HEARTBEAT_SPOOL_DIRECTORY", "HEARTBEAT_SPOOL_LIMIT",
    ]
}
