import AWSConfiguration
import Authentication
import FlowControl
import HTTP
import HTTPServer
import Heartbeat
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

    static let all: [Setting] =
        [
            Setting(
                name: "HEARTBEAT_LISTEN", defaultText: "0.0.0.0:8080",
                meaning: "the API's listener; also `[::]:8080`, `unix:/path`", value: { "\($0.listen)" }),
            Setting(
                name: "HEARTBEAT_OPERATIONS_LISTEN", defaultText: "0.0.0.0:9090",
                meaning: "health and metrics; in the same forms", value: { "\($0.operationsListen)" }),
            Setting(
                name: "HEARTBEAT_OPERATIONS_PAGE", defaultText: "on",
                meaning: "`off`: that listener has no page for people at `/`",
                value: { $0.hasOperationsPage ? "on" : "off" }),
            Setting(
                name: "HEARTBEAT_CONNECTIONS_MAX", defaultText: "10000",
                meaning: "connections to the API at a time; who comes then waits",
                value: { "\($0.admission.connectionsMax)" }),
            Setting(
                name: "HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX", defaultText: "1000",
                meaning: "of one address, or IPv6 /64, trusted proxies apart; more are closed at once",
                value: { "\($0.admission.connectionsPerClientMax)" }),
            Setting(
                name: "HEARTBEAT_REQUESTS_MAX", defaultText: "10000",
                meaning: "requests under way at a time; more are 503 `overloaded` at once",
                value: { "\($0.admission.requestsMax)" }),
            Setting(
                name: "HEARTBEAT_IDLE_TIMEOUT", defaultText: "75s",
                meaning: "how long a connection may wait for its next request; longer than the proxy in front keeps it",
                value: { DurationText.text($0.idleTimeout) }),
            Setting(
                name: "HEARTBEAT_TRUSTED_PROXIES", defaultText: "none",
                meaning:
                    "addresses and networks, such as `10.0.0.0/8,2001:db8::1`, and `unix:` for Unix sockets: their "
                    + "`X-Forwarded-For` and PROXY header say who the client is",
                value: { $0.admission.trustedProxies.isEmpty ? "none" : "\($0.admission.trustedProxies)" }),
            Setting(
                name: "HEARTBEAT_PROXY_PROTOCOL", defaultText: "off",
                meaning: "`on`: each connection to the API begins with a PROXY header, version 1 or 2",
                value: { $0.admission.requiresProxyHeader ? "on" : "off" }),
            Setting(
                name: "HEARTBEAT_TLS_CERTIFICATE", defaultText: "none: plain HTTP",
                meaning: "PEM file with the certificate and its chain; read again on SIGHUP and when it changes",
                value: { $0.tls?.files.certificate ?? "none: plain HTTP" }),
            Setting(
                name: "HEARTBEAT_TLS_PRIVATE_KEY", defaultText: "none: plain HTTP",
                meaning: "PEM file with its private key; read again likewise",
                value: { $0.tls?.files.privateKey ?? "none: plain HTTP" }),
            Setting(
                name: "HEARTBEAT_TLS_CLIENT_CA", defaultText: "none",
                meaning: "PEM file; clients are asked for certificates that lead to one of these",
                value: { $0.tls?.files.clientCA ?? "none" }),
            Setting(
                name: "HEARTBEAT_TLS_CLIENT_AUTHENTICATION", defaultText: "optional",
                meaning: "`required`: no connection without such a certificate",
                value: { ($0.tls?.files.clientAuthentication ?? .optional).rawValue }),
            Setting(
                name: "HEARTBEAT_TLS_CLIENT_CRL", defaultText: "none",
                meaning: "PEM file with revocation lists: a current one of every authority in a client's chain",
                value: { $0.tls?.files.clientCRL ?? "none" }),
            Setting(
                name: "HEARTBEAT_TLS_CLIENT_MAP", defaultText: "none",
                meaning: "file that says which callers clients' certificates stand for; read again likewise",
                value: { $0.tls?.files.clientMap ?? "none" }),
            Setting(
                name: "HEARTBEAT_EVENT_LOOPS", defaultText: "the cores it may use, at most 16",
                meaning: "event-loop threads, 1 to 16; each holds one PostgreSQL connection",
                value: { "\($0.eventLoops)" }),
            Setting(
                name: "HEARTBEAT_API_KEYS", defaultText: "none",
                meaning: "static API keys, `name:sha256-hex` or `name:sha256-hex:scope,scope`, one a line",
                isSecret: true,
                value: { "\($0.apiKeys.entries.count) keys" }),
            Setting(
                name: "HEARTBEAT_JWT_ISSUER", defaultText: "none: no tokens are accepted",
                meaning: "whose JSON Web Tokens are accepted: `iss`, exactly; several with commas between them",
                value: { $0.tokens?.issuers.map(\.name).joined(separator: ",") ?? "none: no tokens are accepted" }),
            Setting(
                name: "HEARTBEAT_JWT_AUDIENCE", defaultText: "none",
                meaning: "what a token must have in `aud`, any of these; required with an issuer",
                value: { $0.tokens?.rules.audiences.joined(separator: ",") ?? "none" }),
            Setting(
                name: "HEARTBEAT_JWT_ALGORITHMS", defaultText: "all that are known",
                meaning:
                    "how tokens may be signed, such as `RS256,ES256`; of RS, PS and ES with 256, 384 and 512, and "
                    + "EdDSA; or a list for each issuer, with semicolons between them",
                value: { $0.tokens?.algorithmsText ?? "all that are known" }),
            Setting(
                name: "HEARTBEAT_JWT_SCOPE", defaultText: "none: every valid token may",
                meaning: "the scope that a token needs to send heartbeats; `audit` and `admin` are always the token's",
                value: { $0.tokens?.rules.heartbeatScope ?? "none: every valid token may" }),
            Setting(
                name: "HEARTBEAT_JWT_CALLER_CLAIM", defaultText: "sub",
                meaning: "the claim that is the caller's name",
                value: { $0.tokens?.rules.callerClaim ?? TokenRules.callerClaimDefault }),
            Setting(
                name: "HEARTBEAT_JWKS_URL", defaultText: "by discovery from the issuer",
                meaning: "where the one issuer's public keys are; https, or http on loopback",
                value: { $0.tokens?.keysText(inFile: false) ?? "by discovery from the issuer" }),
            Setting(
                name: "HEARTBEAT_JWKS_FILE", defaultText: "none",
                meaning: "or the file with them; read again when it changes",
                value: { $0.tokens?.keysText(inFile: true) ?? "none" }),
            Setting(
                name: "HEARTBEAT_RATE_LIMIT", defaultText: "none",
                meaning:
                    "what each caller may send, `RATE/s` or `RATE/s:BURST`, such as `10/s:50`; a key's own limit goes "
                    + "before it",
                value: { $0.rateLimit.map { "\($0)" } ?? "none" }),
            Setting(
                name: "HEARTBEAT_BIND_TASKS", defaultText: "none",
                meaning:
                    "`first-caller`: a task belongs to the caller that first used its token; others get 403",
                value: { $0.bindsTasks ? "first-caller" : "none" }),
            Setting(
                name: "HEARTBEAT_SWF_RATE", defaultText: "auto",
                meaning:
                    "what may go to SWF: `auto` learns it from throttling, `RATE/s:BURST` is a known quota such as "
                    + "`160/s:2000`, `off` limits nothing",
                value: { $0.swfRate.text }),
            Setting(
                name: "HEARTBEAT_MIN_INTERVAL", defaultText: "none",
                meaning:
                    "beats of a task nearer together than this are answered from its last known status, and the newest "
                    + "is sent at its end; a caller's `Heartbeat-Timeout` goes before it",
                value: { $0.minInterval.map(DurationText.text) ?? "none" }),
            Setting(
                name: "HEARTBEAT_AUDIT_COMMIT_TIMEOUT", defaultText: "500ms",
                meaning:
                    "how long an answer waits for PostgreSQL, at most a quarter of its deadline; then its audit row "
                    + "goes to the spool, or it is 503 `audit_unavailable`",
                value: { DurationText.text($0.auditCommitTimeout) }),
            Setting(
                name: "HEARTBEAT_SPOOL_DIRECTORY", defaultText: "none",
                meaning:
                    "where audit rows wait on disk while PostgreSQL is away or slow, and the last known API keys' "
                    + "hashes are kept; one instance's own",
                value: { $0.spoolDirectory ?? "none" }),
            Setting(
                name: "HEARTBEAT_SPOOL_LIMIT", defaultText: "1GiB",
                meaning: "bytes in it at most, such as `512MiB`", value: { ByteCountText.text($0.spoolLimit) }),
            Setting(
                name: "HEARTBEAT_AUDIT_DETAILS", defaultText: "full",
                meaning: "what audit rows keep of `details`: `full`, `length` (their length alone) or `none`",
                value: { $0.auditDetails.rawValue }),
            Setting(
                name: "HEARTBEAT_AUDIT_RETENTION", defaultText: "90d",
                meaning: "audit rows are dropped once their day ended so long ago, at least `1d`",
                value: { DurationText.text($0.auditRetention) }),
            Setting(
                name: "HEARTBEAT_LOG_LEVEL", defaultText: "info",
                meaning: "`trace`, `debug`, `info`, `notice`, `warning`, `error` or `critical`",
                value: { "\($0.logLevel)" }),
            Setting(
                name: "HEARTBEAT_LOG_FORMAT", defaultText: "json",
                meaning: "`json`, or `text` for people", value: { $0.logFormat.rawValue }),
            Setting(
                name: "HEARTBEAT_LOG_SUCCESSES", defaultText: "none",
                meaning:
                    "of so many requests that succeed, on each event loop, one has a line at `info`; `1`: each has one",
                value: { $0.successesPerLogLine.map(String.init) ?? "none" }),
            Setting(
                name: "HEARTBEAT_SERVER_TIMING", defaultText: "off",
                meaning: "`on`: answers to heartbeats say in `Server-Timing` what took how long",
                value: { $0.tellsTimings ? "on" : "off" }),
            Setting(
                name: "HEARTBEAT_DRAIN_DELAY", defaultText: "0ms",
                meaning: "after SIGTERM, how long connections are still taken; `5s` on Kubernetes",
                value: { DurationText.text($0.drainDelay) }),
            Setting(
                name: "HEARTBEAT_SHUTDOWN_GRACE", defaultText: "25s",
                meaning: "drain time after SIGTERM and that delay", value: { DurationText.text($0.shutdownGrace) }),
            Setting(
                name: "DATABASE_URL", defaultText: "libpq's `PG*` variables",
                meaning: "PostgreSQL, any libpq connection string", isSecret: true,
                value: { $0.database == nil ? "by libpq's PG* variables" : "set" }),
        ] + tracing + aws

    static let tokenNames = all.map(\.name).filter { $0.hasPrefix("HEARTBEAT_JWT_") || $0.hasPrefix("HEARTBEAT_JWKS_") }
}

extension TokenSettings {
    fileprivate var algorithmsText: String {
        let lists = issuers.map { issuer in
            SignatureAlgorithm.allCases.filter(issuer.algorithms.contains).map(\.rawValue).joined(separator: ",")
        }
        return Set(lists).count == 1 ? lists[0] : lists.joined(separator: ";")
    }

    /// Where the keys are, as one of the two settings for it shows it.
    fileprivate func keysText(inFile: Bool) -> String {
        switch issuers.first?.keys {
        case .file(let path)? where inFile: path
        case .url(let url)? where !inFile: url.text
        case .discovery? where !inFile: "by discovery from the issuer"
        default: "none"
        }
    }
}

extension AccountRate.Rule {
    init?(_ text: String) {
        switch text {
        case "auto": self = .learnt
        case "off": self = .unlimited
        default:
            guard let limit = RateLimit(text) else { return nil }
            self = .known(limit)
        }
    }

    var text: String {
        switch self {
        case .learnt: "auto"
        case .unlimited: "off"
        case .known(let limit): "\(limit)"
        }
    }
}
