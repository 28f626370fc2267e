import HTTP
import Heartbeat
import TestSupport

/// Lets in whoever has the one key, and notes down everything that happens, in its order.
final class Fakes: Authenticator, RateLimiter, ActivityService, AuditLog, HeartbeatObserver {
    static let token = "AAAAKgAAAAEAAAAA/secret+token=="
    static let caller = Caller(name: "worker", authentication: .apiKey)
    static let start = ContinuousClock.now

    enum Event: Equatable {
        case authenticated
        case relayed(TaskToken, details: String?, deadline: ContinuousClock.Instant)
        case appended(AuditRow)
        case finished(AuditRow, ErrorCode?, Duration)
    }

    var relay = Relay(outcome: .success(false), upstreamRequestID: "swf-1", attempts: 1)
    var auditFailure: AuditFailure?
    var retention = DetailsRetention.full
    var scopes = Scope.standard
    var isOutsideNetworks = false
    /// nil: no limit is set.
    var standing: RateStanding?
    private(set) var counted: [Caller] = []
    /// Until credentials are looked at; nil: they are.
    var wait: Duration?
    private(set) var failures: [String?] = []
    let history = FakeHistory()
    var binding: (any TaskBinding)?
    var random: UInt64 = 7
    /// How long after the request's head it is.
    var elapsed = Duration.zero
    private(set) var events: [Event] = []
    private(set) var beats: [Beat] = []
    private(set) var readings: [Reading] = []
    private(set) var failed: [ErrorCode] = []
    private(set) var courses: [Course] = []
    var tellsTimings = false
    /// Whether it is not known yet who is known.
    var isUndecided = false

    /// Whether it takes waiting to know the caller.
    var hasToWait = false

    func identify(_ request: Request) throws(CallersUnavailable) -> Identification {
        if hasToWait { return .undecided }
        events.append(.authenticated)
        if isUndecided { throw CallersUnavailable() }
        return Identification(known(request))
    }

    func caller(of request: Request) async throws(CallersUnavailable) -> Caller? {
        // Whoever does not wait for the caller is out of order now.
        await Task.yield()
        events.append(.authenticated)
        if isUndecided { throw CallersUnavailable() }
        return known(request)
    }

    func take(for caller: Caller) -> RateStanding? {
        counted.append(caller)
        return standing
    }

    func wait(beforeAuthenticatingFrom address: String?) -> Duration? { wait }

    func noteFailure(from address: String?) {
        failures.append(address)
    }

    private func known(_ request: Request) -> Caller? {
        guard request.fields.first("Authorization") == "Bearer key" else { return nil }
        return Caller(
            name: Self.caller.name, authentication: Self.caller.authentication, scopes: scopes,
            isOutsideNetworks: isOutsideNetworks)
    }

    func relay(_ beat: Beat) async -> Relay {
        beats.append(beat)
        events.append(.relayed(beat.taskToken, details: beat.details, deadline: beat.deadline))
        elapsed += .milliseconds(20)
        return relay
    }

    func append(_ row: AuditRow, wait: Duration) async throws(AuditFailure) {
        // Whoever does not wait for the row is out of order now.
        await Task.yield()
        events.append(.appended(row))
        elapsed += .milliseconds(5)
        if let auditFailure { throw auditFailure }
    }

    func finished(_ row: AuditRow, code: ErrorCode?, duration: Duration, _ course: Course) {
        courses.append(course)
        events.append(.finished(row, code, duration))
    }

    func finished(_ reading: Reading) {
        readings.append(reading)
    }

    func failed(_ code: ErrorCode, requestID: String, clientAddress: String?) {
        failed.append(code)
    }

    var rows: [AuditRow] {
        events.compactMap { if case .appended(let row) = $0 { row } else { nil } }
    }

    var hasRelayed: Bool {
        events.contains { if case .relayed = $0 { true } else { false } }
    }

    /// Answers one request on a handler of its own.
    func respond(
        _ method: Method = .post, _ path: String = "/tasks/\(token)/heartbeat",
        query: String = "", key: String? = "key", fields lines: KeyValuePairs<String, String> = [:], body: String = ""
    ) async -> Response {
        await handler.respond(
            to: Request(
                method: method, path: Array(path.utf8), query: Array(query.utf8), fields: Fields(lines, key: key),
                body: Array(body.utf8), clientAddress: "192.0.2.1", receivedAt: Self.start))
    }

    var handler: HeartbeatHandler<Fakes, Fakes, Fakes> {
        HeartbeatHandler(
            authenticator: self, limiter: self, activities: self, auditLog: self, auditHistory: history,
            binding: binding,
            observer: self,
            environment: HandlerEnvironment(
                wallClock: { 1_700_000_000_000_000 + Int64(self.elapsed / .microseconds(1)) },
                now: { Self.start + self.elapsed }, random: { self.random }, taskHash: { TaskHash(of: $0.secret) },
                openAPIYAML: Array("openapi: 3.1.0\n".utf8),
                openAPIJSON: Array("{}".utf8), detailsRetention: retention, tellsTimings: tellsTimings))
    }
}
