import Audit
import Authentication
import EventLoop
import FlowControl
import HTTPServer
import Relaying
import SigningClient
import Synchronization

/// What all loops have in common: never changed once the service runs, but for the drain.
final class SharedState: Sendable {
    let configuration: Configuration
    let log: ServiceLog
    let instance = hostName()
    let authenticator: CallerAuthenticator
    let limiter: CallLimiter
    let refusalAllowance = RefusalLog.Allowance()
    let keys = KeyDirectory()
    let keyKeeper: KeyKeeper
    /// nil: no JSON Web Tokens are accepted.
    let tokens: TokenService?
    let signingClient: SigningClient.Configuration
    let credentials: CredentialsKeeper
    /// nil: audit rows do not wait on disk.
    let spool: SpoolService?
    /// nil: spans go nowhere.
    let spanExporter: SpanExporter?
    let upstream: SigningClient.Shared
    let relays: RelayState
    let auditReader: AuditReader
    /// Looks up tasks' first callers, on a connection of its own: no heartbeat waits behind those who read history.
    /// nil: tasks are not bound.
    let bindingReader: AuditReader?
    let binding: FirstCallerBinding?
    /// Of the API's listener.
    let admission: Admission
    private let draining = Atomic(false)

    /// Look-ups that wait. More than there are, and tasks' callers go unchecked.
    private static let firstCallersPendingMax = 10_000

    /// - Parameter loop: where credentials and keys are fetched, and audit rows and API keys read.
    init(
        _ configuration: Configuration, _ upstream: Upstream, spool: SpoolService?, spanExporter: SpanExporter?,
        log: ServiceLog, loop: EventLoop
    ) {
        self.configuration = configuration
        signingClient = upstream.client
        self.spool = spool
        self.spanExporter = spanExporter
        self.log = log
        admission = Admission(configuration.admission)
        tokens = configuration.tokens.map { TokenService($0, on: loop, log.logger) }
        authenticator = CallerAuthenticator(
            staticKeys: configuration.apiKeys, keys: keys, tokens: tokens?.verifier,
            clients: { [certificates = configuration.tls] in certificates?.clientMap })
        limiter = CallLimiter(
            standard: configuration.rateLimit, trustedProxies: configuration.admission.trustedProxies)
        keyKeeper = KeyKeeper(
            keys, conninfo: configuration.database, spoolDirectory: configuration.spoolDirectory, on: loop
        ) { log.noteKeys($0) }
        credentials = CredentialsKeeper(upstream.environment, on: loop) { status in
            log.noteCredentials(status)
        }
        auditReader = AuditReader(conninfo: configuration.database, on: loop) { log.noteReading($0) }
        bindingReader = configuration.bindsTasks ? Self.bindingReader(configuration, log, loop) : nil
        binding = bindingReader.map { reader in
            FirstCallerBinding(reader) { spool?.isEmpty ?? true }
        }
        // One of the two suffices to slow calls down.
        self.upstream = SigningClient.Shared(
            isAdaptive: upstream.client.isAdaptive && configuration.swfRate == .unlimited)
        relays = RelayState(configuration.relays)
    }

    private static func bindingReader(
        _ configuration: Configuration, _ log: ServiceLog, _ loop: EventLoop
    ) -> AuditReader {
        var settings = AuditReader.Settings()
        settings.readsPendingMax = firstCallersPendingMax
        return AuditReader(conninfo: configuration.database, on: loop, settings: settings) { log.noteBinding($0) }
    }

    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func beginDraining() {
        draining.store(true, ordering: .relaxed)
    }
}
