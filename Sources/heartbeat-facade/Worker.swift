import Audit
import Authentication
import EventLoop
import HTTP
import HTTPServer
import Heartbeat
import Logging
import OperatorPage
import Relaying
import SWF
import SigningClient
import Telemetry
import Transport

/// One loop's share of the service: its listener, its connections to SWF, its connection to PostgreSQL.
actor Worker {
    nonisolated let loop: EventLoop
    nonisolated let metrics = LoopMetrics()
    nonisolated let auditStatus = AuditStatus()
    /// nil: nobody looks at it.
    nonisolated let activity: LoopActivity?

    private let shared: SharedState
    private let socket: BoundSocket
    private var server: HTTPServer?
    private var audit: AuditWriter?
    private var auditMayStart = false
    private var isStopping = false

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(_ shared: SharedState, socket: BoundSocket, on loop: EventLoop) {
        self.shared = shared
        activity = shared.configuration.hasOperationsPage ? LoopActivity() : nil
        self.socket = socket
        self.loop = loop
    }

    /// Serves until `stop`, and then until all that was under way is finished, its audit rows included.
    func run() async throws(SystemError) {
        let audit = auditWriter()
        let refusals = RefusalLog(
            keep: audit.append, allowance: shared.refusalAllowance, on: loop,
            summarised: metrics.summarisedRefusals.add)
        let relays = relayService(refusals)
        let server = try HTTPServer(
            on: socket, loop: loop, handler: apiHandler(relays, refusals), limits: shared.configuration.limits,
            tls: shared.configuration.tls.map { certificates in { certificates.context } },
            admission: shared.admission, overload: OverloadRule.Rules(), backlog: audit,
            connectionsChanged: { [metrics] open, serving in
                metrics.idleConnections.set(open - serving)
                metrics.activeConnections.set(serving)
            }, connectionRefused: metrics.countRefusal)
        self.server = server
        self.audit = audit
        if auditMayStart { audit.start() }
        if shared.isDraining { server.announceClose() }
        if isStopping { server.close() }
        await server.run()
        let deadline = ContinuousClock.now + shared.configuration.shutdownGrace
        relays.endCalls(by: deadline - shared.configuration.rowsGrace)
        await server.drain(grace: shared.configuration.shutdownGrace)
        await relays.drain(until: deadline)
        refusals.flush()
        refusals.stop()
        await audit.flush()
        audit.stop()
    }

    /// To be called once: the audit table is there, or could not be made yet.
    func startAudit() {
        auditMayStart = true
        audit?.start()
    }

    /// Has each answer be its connection's last from now on: `stop` is about to come.
    func announceStop() {
        server?.announceClose()
    }

    /// Has `run` come to its end.
    func stop() {
        isStopping = true
        server?.close()
    }

    private func relayService(_ rows: RefusalLog) -> RelayService {
        let client = SigningClient(
            shared.signingClient, credentials: shared.credentials, shared: shared.upstream, hooks: hooks(), on: loop)
        let log = RelayLog(
            metrics: metrics, logger: shared.log.logger, rows: rows, retention: shared.configuration.auditDetails)
        return RelayService(
            SWFService(client: client), shared.relays, on: loop,
            callGrace: shared.configuration.shutdownGrace - shared.configuration.rowsGrace,
            isDraining: { [shared] in shared.isDraining }, observe: log.observe, flushed: log.flushed)
    }

    private func apiHandler(_ relays: RelayService, _ auditLog: RefusalLog) -> APIHandler {
        let logger = shared.log.logger
        var ids = SplitMix64(seed: .random(in: .min ... .max))
        let heartbeats = HeartbeatHandler(
            authenticator: shared.authenticator, limiter: shared.limiter,
            activities: relays, auditLog: auditLog, auditHistory: shared.auditReader,
            binding: shared.binding,
            observer: HeartbeatLog(
                metrics: metrics, activity: activity, logger: logger, tracer: tracer(random: { ids.next() }),
                successesPerLine: shared.configuration.successesPerLogLine),
            environment: HandlerEnvironment(
                wallClock: wallClockMicroseconds, random: { ids.next() }, taskHash: TaskHasher().hash,
                openAPIYAML: OpenAPIDocument.yaml, openAPIJSON: OpenAPIDocument.json,
                detailsRetention: shared.configuration.auditDetails,
                tellsTimings: shared.configuration.tellsTimings))
        return APIHandler(
            heartbeats: heartbeats, metrics: metrics,
            overload: OverloadLog(metrics: metrics, logger: logger, loopName: loop.name))
    }

    private func tracer(random: @escaping () -> UInt64) -> Tracer? {
        guard let exporter = shared.spanExporter, let tracing = shared.configuration.tracing else { return nil }
        return Tracer(exporter, sampler: tracing.sampler, on: loop, random: random)
    }

    private func hooks() -> Hooks {
        Hooks(
            attemptEnded: { [metrics, logger = shared.log.logger] attempt in
                metrics.countAttempt(attempt)
                switch attempt.failure {
                case .unreachable(let reason), .untrusted(let reason):
                    logger.warning("SWF is unreachable", metadata: ["reason": "\(reason)"])
                default: break
                }
            },
            connectionsChanged: { [metrics] open, active in
                metrics.idleUpstreamConnections.set(open - active)
                metrics.activeUpstreamConnections.set(active)
            })
    }

    private func auditWriter() -> AuditWriter {
        var settings = AuditWriter.Settings()
        settings.commitTimeout = shared.configuration.auditCommitTimeout
        let observer = AuditObserver(metrics: metrics, logger: shared.log.logger, loopName: loop.name)
        return AuditWriter(
            conninfo: shared.configuration.database, instance: shared.instance, on: loop, spool: shared.spool?.spool,
            settings: settings, status: auditStatus, observe: observer.observe)
    }
}
