import Authentication
import Logging
import SigV4
import SigningClient
import Telemetry
import Transport

/// Everything that can be set, with its default.
struct Configuration: Sendable {
    var listen = SocketAddress.any(port: 8080)
    var operationsListen = SocketAddress.any(port: 9090)
    /// 1 to `eventLoopsMax`.
    var eventLoops = min(Processors.available(), Configuration.eventLoopsMax)
    var apiKeys = StaticKeys.none
    /// libpq's connection string; nil: libpq reads its own `PG*` variables.
    var database: String?
    var auditCommitTimeout = Duration.milliseconds(500)
    var logLevel = Logger.Level.info
    var logFormat = LineLogHandler.Format.json
    var shutdownGrace = Duration.seconds(25)
    var region = ""
    /// nil: SWF's own in the region.
    var endpointOverride: Endpoint?
    var credentials: Credentials?

    static let eventLoopsMax = 16

    var endpoint: Endpoint {
        endpointOverride ?? Endpoint(service: "swf", region: region)
    }

    var signingClient: SigningClient.Configuration {
        SigningClient.Configuration(
            endpoint: endpoint, region: region, signingName: "swf",
            userAgent: "\(Release.name)/\(Release.version)")
    }
}
