import Authentication
import HTTP
import Heartbeat
import JSON

/// Bytes of a connection, served by the whole of the API with nothing behind it: each answer can be sent, says what it
/// is, and leaves the row that it should.
@Sendable func checkService(_ input: [UInt8]) throws(Violation) {
    let outside = Outside()
    let handler = outside.handler
    var state = ConnectionState(clientAddress: "192.0.2.1")
    var start = 0
    while true {
        let (consumed, next) = state.advance(input[start...], at: Outside.start)
        start += consumed
        var action = next
        if case .sendContinue(let request) = action, !handler.wantsBody(of: request) { action = state.declineBody() }
        switch action {
        case .serve(let request):
            let rows = outside.rows.count
            try check(answer(handler, request), to: request, rows: outside.rows.dropFirst(rows), in: state)
        case .reject(let error):
            try check(handler.reject(error), in: state)
        case .sendContinue: continue
        case .read, .wait, .close: return
        }
        guard state.responseSent() == .read else { return }
    }
}

/// Nothing outside suspends, so that the answer is there when the task's first stretch is over.
private func answer(_ handler: HeartbeatHandler<Outside, Outside, Outside>, _ request: Request) throws(Violation)
    -> Response
{
    nonisolated(unsafe) var response: Response?
    nonisolated(unsafe) let handler = handler
    _ = Task.immediate { response = await handler.respond(to: request) }
    guard let response else { throw Violation(description: "the handler waits for something") }
    return response
}

private func check(
    _ response: Response, to request: Request, rows: ArraySlice<AuditRow>, in state: ConnectionState
) throws(Violation) {
    try check(response, in: state)
    let isHeartbeat = if case .heartbeat = Route(method: request.method, path: request.path) { true } else { false }
    try require(rows.count == (isHeartbeat ? 1 : 0), "\(rows.count) rows")
    guard let row = rows.first else { return }
    try require(row.status == response.status, "the row has another status")
    try require((row.details?.utf16.count ?? 0) <= HeartbeatBody.detailsCharactersMax, "details beyond their limit")
    try require(row.traceID.map { isHexadecimal($0) && $0.utf8.count == 32 } == true, "the trace's id")
    try require(response.status != 200 || row.relayed && row.taskHash != nil, "200 without a relay")
}

private func check(_ response: Response, in state: ConnectionState) throws(Violation) {
    guard let context = state.responseContext else { throw Violation(description: "nobody to answer") }
    var output: [UInt8] = []
    let date = HTTPDate(secondsSinceEpoch: 0)
    let sent = ResponseEncoder.encode(response, for: context, date: date, into: &output)
    try require(sent == response.status, "\(response.status) cannot be sent")
    let ids = response.fields.filter { $0.name == "X-Request-Id" }.map(\.value)
    try require(ids.count == 1 && (1...128).contains(ids[0].utf8.count), "X-Request-Id")
    if response.status != 200 {
        guard let members = try? JSON.members(of: response.body) else { throw Violation(description: "no JSON") }
        let status = members.first { $0.name == "status" }?.value
        try require(status == .other(compact: "\(response.status)"), "the problem has another status")
    }
}

private func isHexadecimal(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
}

/// All that the API asks of the outside: whoever comes is let in once the real authenticator has looked, and SWF takes
/// everything.
private final class Outside: Authenticator, RateLimiter, ActivityService, AuditLog, HeartbeatObserver {
    static let start = ContinuousClock.now
    private(set) var rows: [AuditRow] = []

    func identify(_ request: Request) throws(CallersUnavailable) -> Identification {
        let known = try CallerAuthenticator(staticKeys: .none).identify(request)
        let anybody = Caller(name: "worker", authentication: .apiKey, scopes: [.heartbeat, .audit])
        return known == .nobody ? .caller(anybody) : known
    }

    func caller(of request: Request) async throws(CallersUnavailable) -> Caller? {
        try await CallerAuthenticator(staticKeys: .none).caller(of: request)
    }

    func take(for caller: Caller) -> RateStanding? { nil }
    func wait(beforeAuthenticatingFrom address: String?) -> Duration? { nil }
    func noteFailure(from address: String?) {}

    func relay(_ beat: Beat) async -> Relay {
        let wait = beat.deadline - Self.start
        let isInRange = (.seconds(1) ... .seconds(60)).contains(wait)
        return Relay(outcome: isInRange ? .success(false) : .failure(.timeout), attempts: 1)
    }

    func append(_ row: AuditRow, wait: Duration) async throws(AuditFailure) {
        rows.append(row)
    }

    func finished(_ row: AuditRow, code: ErrorCode?, duration: Duration, _ course: Course) {}
    func finished(_ reading: Reading) {}
    func failed(_ code: ErrorCode, requestID: String, clientAddress: String?) {}

    var handler: HeartbeatHandler<Outside, Outside, Outside> {
        HeartbeatHandler(
            authenticator: self, limiter: self, activities: self, auditLog: self, auditHistory: OneRow(),
            observer: self,
            environment: HandlerEnvironment(
                wallClock: { 1_700_000_000_000_000 }, now: { Self.start }, random: { 7 },
                taskHash: { _ in TaskHash(TaskHash.Bytes(repeating: 7)) }, openAPIYAML: [], openAPIJSON: []))
    }
}

/// Each task has one row, of the moment.
private struct OneRow: AuditHistory {
    private let record = AuditRecord(
        position: AuditPosition(receivedAt: 1_700_000_000_000_000, id: "00000000-0001-7002-8000-000000000003"),
        receivedAt: "2023-11-14T22:13:20.000000Z", requestID: "r", outcome: "recorded", status: 200, attempts: 1,
        durationMicroseconds: 1, relayed: true, instance: "i")

    func summary(
        of task: TaskHash, caller: Caller.Identity?, deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> TaskSummary? {
        TaskSummary(last: record, count: 1)
    }

    func records(
        of task: TaskHash, caller: Caller.Identity?, before position: AuditPosition?, limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> [AuditRecord] {
        position == nil ? [record] : []
    }
}
