import AWSConfiguration
import Authentication
import FlowControl
import HTTP
import HTTPServer
import Heartbeat
import Logging
import Relaying
import SigningClient
import Spool
import Telemetry
import Transport

/// Everything that can be set, with its default.
struct Configuration: Sendable {
    var listen = SocketAddress.any(port: 8080)
    var operationsListen = SocketAddress.any(port: 9090)
    /// Whether the operations listener has the operator's page.
    var hasOperationsPage = true
    /// nil: plain HTTP.
    var tls: TLSCertificates?
    /// For the API: who may connect to it. The operations listener has its own.
    var admission = Admission.Rules()
    var idleTimeout = Limits().idleTimeout
    /// 1 to `eventLoopsMax`.
    var eventLoops = min(Processors.available(), Configuration.eventLoopsMax)
    var apiKeys = StaticKeys.none
    /// nil: no JSON Web Tokens are accepted.
    var tokens: TokenSettings?
    /// Of each caller whose key has none of its own; nil: none.
    var rateLimit: RateLimit?
    /// Whether a task belongs to the caller that first used its token.
    var bindsTasks = false
    /// What may go to SWF.
    var swfRate = AccountRate.Rule.learnt
    /// Of all tasks whose callers do not say their timeout; nil: each of their beats is relayed.
    var minInterval: Duration?
    /// libpq's connection string; nil: libpq reads its own `PG*` variables.
    var database: String?
    var auditCommitTimeout = Duration.milliseconds(500)
    /// nil: audit rows do not wait on disk.
    var spoolDirectory: String?
    /// In bytes, at least `spoolLimitMin`.
    var spoolLimit: Int64 = 1 << 30
    var auditDetails = DetailsRetention.full
    /// How long audit rows are kept after their day.
    var auditRetention = Duration.seconds(90 * 86_400)
    var logLevel = Logger.Level.info
    var logFormat = LineLogHandler.Format.json
    /// At `info`; nil: successes have no lines.
    var successesPerLogLine: Int?
    /// Whether answers have a `Server-Timing`.
    var tellsTimings = false
    /// Answers bring connections to their end at once, but new ones are still taken for so long. None by default: where
    /// whoever sends the traffic retries or asks /readyz, waiting gains nothing.
    var drainDelay = Duration.zero
    var shutdownGrace = Duration.seconds(25)
    /// nil: spans go nowhere.
    var tracing: TracingSettings?
    /// The AWS SDKs' own settings; nil: a fault says why they cannot be read.
    var aws: AWSEnvironment?
    /// How SWF is called; nil: a fault says why it cannot be.
    var signingClient: SigningClient.Configuration?

    /// A day to a hundred years.
    static let auditRetentions = Duration.seconds(86_400)...Duration.seconds(36_500 * 86_400)
    static let eventLoopsMax = 16
    static let connectionsMaxMax = 1_000_000
    static let successesPerLogLineMax = 1_000_000_000
    /// Some segments of the spool.
    static let spoolLimitMin: Int64 = 1 << 20

    /// Of `shutdownGrace`, what calls to SWF leave for their rows and answers.
    var rowsGrace: Duration { min(auditCommitTimeout + .seconds(1), shutdownGrace / 2) }

    var spool: Spool.Settings? {
        spoolDirectory.map { Spool.Settings(directory: $0, limitBytes: Int(spoolLimit)) }
    }

    var relays: RelayState.Settings {
        var settings = RelayState.Settings()
        settings.admission.rate = swfRate
        settings.interval = minInterval
        return settings
    }

    var limits: Limits {
        var limits = Limits()
        limits.idleTimeout = idleTimeout
        return limits
    }
}

/// What there is of a configuration without faults.
struct Upstream: Sendable {
    let environment: AWSEnvironment
    let client: SigningClient.Configuration

    /// - Returns: nil where there are faults.
    init?(_ configuration: Configuration) {
        guard let environment = configuration.aws, let client = configuration.signingClient else { return nil }
        self.environment = environment
        self.client = client
    }
}
