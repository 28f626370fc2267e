import AWSConfiguration
import Authentication
import HTTP
import HTTPServer
import Logging
import SigV4
import SigningClient
import Telemetry
import Transport

/// Everything that can be set, with its default.
struct Configuration: Sendable {
    var listen = SocketAddress.any(port: 8080)
    var operationsListen = SocketAddress.any(port: 9090)
    /// nil: plain HTTP.
    var tls: TLSCertificates?
    /// For the API: who may connect to it. The operations listener has its own.
    var admission = Admission.Rules()
    var idleTimeout = Limits().idleTimeout
    /// 1 to `eventLoopsMax`.
    var eventLoops = min(Processors.available(), Configuration.eventLoopsMax)
    var apiKeys = StaticKeys.none
    /// libpq's connection string; nil: libpq reads its own `PG*` variables.
    var database: String?
    var auditCommitTimeout = Duration.milliseconds(500)
    var logLevel = Logger.Level.info
    var logFormat = LineLogHandler.Format.json
    /// Answers bring connections to their end at once, but new ones are still taken for so long. None by default: where
    /// whoever sends the traffic retries or asks /readyz, waiting gains nothing.
    var drainDelay = Duration.zero
    var shutdownGrace = Duration.seconds(25)
    var region = ""
    /// nil: SWF's own in the region.
    var endpointOverride: Endpoint?
    var credentials: Credentials?

    static let eventLoopsMax = 16
    static let connectionsMaxMax = 1_000_000

    var endpoint: Endpoint {
        endpointOverride ?? Endpoint(service: "swf", region: region)
    }

    var limits: Limits {
        var limits = Limits()
        limits.idleTimeout = idleTimeout
        return limits
    }

    var signingClient: SigningClient.Configuration {
        SigningClient.Configuration(
            endpoint: endpoint, region: region, signingName: "swf",
            userAgent: "\(Release.name)/\(Release.version)")
    }
}
