import HTTP
import Heartbeat
import TestSupport
import Testing

/// What came of the relay, and what becomes of it.
private struct OutcomeRow: NamedRow {
    let name: String
    let relay: Relay
    let status: Int
    let cancelRequested: Bool?
    let fault: String?

    init(_ outcome: String, _ relay: Relay, _ status: Int, cancelRequested: Bool? = nil, fault: String? = nil) {
        name = outcome
        self.relay = relay
        self.status = status
        self.cancelRequested = cancelRequested
        self.fault = fault
    }

    static func fault(_ type: String?, _ httpStatus: Int, _ outcome: String, _ status: Int) -> OutcomeRow {
        let failure = UpstreamFailure.fault(type: type, status: httpStatus)
        let relay = Relay(outcome: .failure(failure), upstreamRequestID: "swf-2", attempts: 2)
        return OutcomeRow(outcome, relay, status, fault: type)
    }

    static let all: [OutcomeRow] = [
        OutcomeRow(
            "recorded", Relay(outcome: .success(false), upstreamRequestID: "swf-1", attempts: 1), 200,
            cancelRequested: false),
        OutcomeRow(
            "recorded", Relay(outcome: .success(true), attempts: 3), 200, cancelRequested: true),
        fault("UnknownResourceFault", 400, "unknown_task", 404),
        fault("OperationNotPermittedFault", 400, "operation_not_permitted", 403),
        fault("ValidationException", 400, "invalid_task_token", 400),
        fault("AccessDeniedException", 400, "upstream_access_denied", 403),
        fault("ThrottlingException", 400, "upstream_throttled", 429),
        fault("UnrecognizedClientException", 400, "upstream_credentials", 502),
        fault("ExpiredTokenException", 400, "upstream_credentials_unavailable", 503),
        fault("InvalidSignatureException", 400, "upstream_signature", 502),
        fault("RequestExpired", 400, "upstream_clock_skew", 502),
        fault("ServiceUnavailable", 503, "upstream_unavailable", 503),
        fault("SerializationException", 400, "internal_error", 500),
        fault(nil, 500, "upstream_error", 502),
        fault(nil, 302, "upstream_protocol", 502),
        OutcomeRow("upstream_malformed", Relay(outcome: .failure(.malformed), attempts: 2), 502),
        OutcomeRow("upstream_unreachable", Relay(outcome: .failure(.unreachable), attempts: 3), 502),
        OutcomeRow("upstream_timeout", Relay(outcome: .failure(.timeout), attempts: 1), 504),
        OutcomeRow(
            "upstream_credentials_unavailable", Relay(outcome: .failure(.credentialsUnavailable), attempts: 0), 503),
    ]
}

/// A call that is refused before it is relayed.
private struct RefusalRow: NamedRow {
    let name: String
    var path = "/tasks/\(Fakes.token)/heartbeat"
    var key: String? = "key"
    var lines: KeyValuePairs<String, String> = [:]
    var body = ""
    let code: ErrorCode

    static let all: [RefusalRow] = [
        RefusalRow(name: "no credentials", key: nil, code: .unauthenticated),
        RefusalRow(name: "a bad key", key: "kex", code: .unauthenticated),
        RefusalRow(name: "no credentials and a bad path", path: "/tasks//heartbeat", key: nil, code: .unauthenticated),
        RefusalRow(name: "an empty token", path: "/tasks//heartbeat", code: .invalidRequest),
        RefusalRow(name: "a bad escape", path: "/tasks/%/heartbeat", code: .invalidRequest),
        RefusalRow(name: "a bad body", body: "{", code: .invalidRequest),
        RefusalRow(name: "an unknown member", body: #"{"x":1}"#, code: .invalidRequest),
        RefusalRow(name: "the token twice", body: #"{"taskToken":"\#(Fakes.token)"}"#, code: .invalidRequest),
        RefusalRow(name: "the token nowhere", path: "/tasks/heartbeat", code: .invalidRequest),
        RefusalRow(
            name: "an answer nobody takes", lines: ["Accept": "text/html"],
            code: .notAcceptable),
        RefusalRow(
            name: "a form", lines: ["Content-Type": "application/x-www-form-urlencoded"],
            body: "details=a", code: .unsupportedMediaType),
        RefusalRow(
            name: "a packed body", lines: ["Content-Encoding": "gzip"], body: "{}",
            code: .unsupportedMediaType),
    ]
}

@Suite struct HeartbeatHandlerTests {
    @Test(arguments: OutcomeRow.all)
    private func `each outcome has its row and its answer`(row: OutcomeRow) async throws {
        let fakes = Fakes()
        fakes.relay = row.relay
        let response = await fakes.respond(body: #"{"details":"50%"}"#)
        #expect(response.status == row.status)
        #expect(response["X-Amzn-RequestId"] == row.relay.upstreamRequestID)
        if let cancelRequested = row.cancelRequested {
            #expect(response.text == "{\"cancelRequested\":\(cancelRequested)}")
            #expect(response["Content-Type"] == "application/json")
        } else {
            #expect(response.text.contains("\"code\":\"\(row.name)\""))
            #expect(response["Content-Type"] == "application/problem+json")
        }
        let expected = AuditRow(
            receivedAt: 1_700_000_000_000_000, requestID: try #require(response["X-Request-Id"]),
            traceID: "00000000000000070000000000000007", caller: Fakes.caller, clientAddress: "192.0.2.1",
            taskHash: TaskHash(of: Fakes.token), details: "50%", outcome: row.name, status: row.status,
            cancelRequested: row.cancelRequested, fault: row.fault, upstreamRequestID: row.relay.upstreamRequestID,
            attempts: row.relay.attempts, duration: .milliseconds(20), relayed: row.relay.attempts > 0)
        #expect(fakes.rows == [expected])
    }

    @Test(arguments: RefusalRow.all)
    private func `a refusal has its row too, and nothing is relayed`(row: RefusalRow) async throws {
        let fakes = Fakes()
        let response = await fakes.respond(.post, row.path, key: row.key, fields: row.lines, body: row.body)
        #expect(response.status == row.code.status)
        #expect(response.text.contains("\"code\":\"\(row.code.rawValue)\""))
        #expect(!fakes.hasRelayed)
        let audited = try #require(fakes.rows.first)
        #expect(fakes.rows.count == 1)
        #expect(audited.outcome == row.code.rawValue)
        #expect(audited.status == row.code.status)
        #expect((audited.caller == nil) == (row.code == .unauthenticated))
        #expect(!audited.relayed)
        #expect(audited.attempts == 0)
    }

    @Test func `it authenticates, relays, audits, reports, and then answers`() async throws {
        let fakes = Fakes()
        _ = await fakes.respond(body: #"{"details":""}"#)
        let row = try #require(fakes.rows.first)
        let expected: [Fakes.Event] = [
            .authenticated,
            .relayed(TaskToken(secret: Fakes.token), details: "", deadline: Fakes.start + .seconds(6)),
            .appended(row),
            .finished(row, nil, .milliseconds(25)),
        ]
        #expect(fakes.events == expected)
    }

    @Test func `the deadline counts from the request's head, by the caller's preference`() async {
        let fakes = Fakes()
        fakes.elapsed = .seconds(1)
        _ = await fakes.respond(fields: ["Prefer": "wait=10"])
        let relayed = Fakes.Event.relayed(
            TaskToken(secret: Fakes.token), details: nil, deadline: Fakes.start + .seconds(10))
        #expect(fakes.events.contains(relayed))
        #expect(fakes.rows.map(\.receivedAt) == [1_700_000_000_000_000])
    }

    @Test(arguments: [(AuditFailure.unavailable, ErrorCode.auditUnavailable), (.full, .overloaded)])
    func `without a durable row no result leaves`(failure: AuditFailure, code: ErrorCode) async {
        let fakes = Fakes()
        fakes.relay = Relay(outcome: .success(true), upstreamRequestID: "swf-1", attempts: 1)
        fakes.auditFailure = failure
        let response = await fakes.respond()
        #expect(fakes.hasRelayed)
        #expect(response.status == 503)
        #expect(response.text.contains("\"code\":\"\(code.rawValue)\""))
        #expect(!response.text.contains("cancelRequested"))
        #expect(response["Retry-After"] != nil)
        #expect(response["X-Amzn-RequestId"] == "swf-1")
        #expect(fakes.events.last == fakes.rows.first.map { .finished($0, code, .milliseconds(25)) })
    }

    @Test func `without a durable row not even a refusal leaves`() async {
        let fakes = Fakes()
        fakes.auditFailure = .unavailable
        let response = await fakes.respond(key: nil)
        #expect(response.text.contains("\"code\":\"audit_unavailable\""))
        #expect(fakes.rows.map(\.outcome) == ["unauthenticated"])
    }

    @Test func `the body form relays the body's token`() async {
        let fakes = Fakes()
        let response = await fakes.respond(
            .post, "/tasks/heartbeat", body: #"{"taskToken":"\#(Fakes.token)","details":{"a": 1}}"#)
        #expect(response.status == 200)
        let relayed = Fakes.Event.relayed(
            TaskToken(secret: Fakes.token), details: #"{"a":1}"#, deadline: Fakes.start + .seconds(6))
        #expect(fakes.events.contains(relayed))
    }

    @Test func `a recorded heartbeat has the contract's fields and no others`() async {
        let response = await Fakes().respond(fields: ["X-Request-Id": "req-1"])
        #expect(
            response.fields.map { "\($0.name): \($0.value)" } == [
                "Content-Type: application/json", "X-Content-Type-Options: nosniff", "X-Request-Id: req-1",
                "Cache-Control: no-store",
                "X-Amzn-RequestId: swf-1",
            ])
    }

    @Test(arguments: DetailsRetention.allCases)
    func `the row keeps of the details what it is to, and SWF gets them all`(retention: DetailsRetention) async throws {
        let fakes = Fakes()
        fakes.retention = retention
        _ = await fakes.respond(body: #"{"details":"50% 😀"}"#)
        let relayed = Fakes.Event.relayed(
            TaskToken(secret: Fakes.token), details: "50% 😀", deadline: Fakes.start + .seconds(6))
        #expect(fakes.events.contains(relayed))
        let row = try #require(fakes.rows.first)
        #expect(row.details == (retention == .full ? "50% 😀" : nil))
        #expect(row.detailsLength == (retention == .none ? nil : 5))
        // Metrics and the log are told of the row, and of nothing else.
        #expect(fakes.events.last == .finished(row, nil, .milliseconds(25)))
    }

    @Test(
        arguments: [([Scope.audit], false), ([], false), ([.heartbeat], true), ([.admin], true)] as [(Set<Scope>, Bool)]
    )
    func `a heartbeat needs its scope, or admin`(scopes: Set<Scope>, isAllowed: Bool) async {
        let fakes = Fakes()
        fakes.scopes = scopes
        let response = await fakes.respond()
        #expect(response.status == (isAllowed ? 200 : 403))
        #expect(response.text.contains(#""code":"forbidden""#) == !isAllowed)
        #expect(fakes.hasRelayed == isAllowed)
        #expect(fakes.rows.map(\.outcome) == [isAllowed ? "recorded" : "forbidden"])
        #expect(fakes.rows.map(\.caller?.name) == [Fakes.caller.name])
        let request = Request(method: .post, path: Array("/tasks/abc/heartbeat".utf8), fields: Fields([:], key: "key"))
        #expect(fakes.handler.wantsBody(of: request) == isAllowed)
    }

    @Test(arguments: [Scope.heartbeat, .admin])
    func `a key that is not valid at the address is forbidden, whatever its scopes, and has its row`(
        scope: Scope
    ) async {
        let fakes = Fakes()
        fakes.scopes = [scope]
        fakes.isOutsideNetworks = true
        let response = await fakes.respond()
        #expect(response.status == 403)
        #expect(response.text.contains(#""code":"forbidden""#))
        #expect(!fakes.hasRelayed)
        #expect(fakes.rows.map(\.outcome) == ["forbidden"])
        #expect(fakes.rows.map(\.caller?.name) == [Fakes.caller.name])
    }

    @Test(arguments: [true, false])
    func `a task of another caller's is forbidden, and the refusal has its row`(isOwn: Bool) async {
        final class Binding: TaskBinding {
            let isOwn: Bool

            init(isOwn: Bool) {
                self.isOwn = isOwn
            }

            func admits(_ caller: Caller, to task: TaskHash, deadline: ContinuousClock.Instant) async -> Bool {
                #expect(caller == Fakes.caller)
                #expect(task == TaskHash(of: "abc"))
                #expect(deadline == Fakes.start + .seconds(9))
                return isOwn
            }
        }
        let fakes = Fakes()
        fakes.binding = Binding(isOwn: isOwn)
        let response = await fakes.respond(.post, "/tasks/abc/heartbeat", fields: ["Prefer": "wait=9"])
        #expect(response.status == (isOwn ? 200 : 403))
        #expect(response.text.contains("The task belongs to the caller that first sent its heartbeat.") == !isOwn)
        #expect(fakes.hasRelayed == isOwn)
        #expect(fakes.rows.map(\.outcome) == [isOwn ? "recorded" : "forbidden"])
        #expect(fakes.rows.map(\.taskHash) == [TaskHash(of: "abc")])
        #expect(fakes.rows.map(\.caller?.name) == [Fakes.caller.name])
    }

    @Test func `what took how long is told, the caller only where that is on`() async {
        let fakes = Fakes()
        let silent = await fakes.respond()
        #expect(!silent.fields.contains { $0.name == "Server-Timing" })
        fakes.tellsTimings = true
        let answer = await fakes.respond()
        let timing = answer.fields.first { $0.name == "Server-Timing" }?.value
        #expect(timing == "auth;dur=0.000, upstream;dur=20.000, audit;dur=5.000")
        let refused = await fakes.respond(key: nil)
        #expect(refused.fields.first { $0.name == "Server-Timing" }?.value == "auth;dur=0.000, audit;dur=5.000")
        let course = fakes.courses[1]
        #expect(course.relayBegin == .milliseconds(25))
        #expect(course.relay == .milliseconds(20))
        #expect(course.audit == .milliseconds(5))
        #expect(fakes.courses[2].relay == nil)
        #expect("\(course.route)" == "/tasks/{taskToken}/heartbeat")
    }

    @Test func `other failures are told too`() async {
        let fakes = Fakes()
        _ = await fakes.respond(.get, "/nowhere")
        _ = await fakes.respond(.get, "/tasks/heartbeat")
        _ = fakes.handler.reject(.uriTooLong)
        #expect(fakes.failed == [.notFound, .methodNotAllowed, .uriTooLong])
    }

    @Test func `the caller's ids are in the row`() async {
        let fakes = Fakes()
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        _ = await fakes.respond(fields: ["X-Request-Id": "req-1", "traceparent": "00-\(trace)-00f067aa0ba902b7-01"])
        #expect(fakes.rows.map(\.requestID) == ["req-1"])
        #expect(fakes.rows.map(\.traceID) == [trace])
    }
}

extension HeartbeatHandlerTests {
    @Test(
        arguments: [
            (Method.post, "/tasks/abc/heartbeat", "key", [:], true), (.post, "/tasks/heartbeat", "key", [:], true),
            (.post, "/tasks/abc/heartbeat", "wrong", [:], false), (.post, "/tasks/%/heartbeat", "key", [:], false),
            (.post, "/tasks/abc/heartbeat", "key", ["Content-Type": "text/plain"], false),
            (.get, "/tasks/abc/heartbeat", "key", [:], false), (.post, "/nothing", "key", [:], false),
            (.get, "/openapi.json", "key", [:], false),
        ] as [(Method, String, String, KeyValuePairs<String, String>, Bool)])
    func `a body is wanted only where nothing before it refuses the heartbeat`(
        method: Method, path: String, key: String, lines: KeyValuePairs<String, String>, isWanted: Bool
    ) {
        let request = Request(method: method, path: Array(path.utf8), fields: Fields(lines, key: key))
        #expect(Fakes().handler.wantsBody(of: request) == isWanted)
    }

    @Test(arguments: [("key", false, 200), ("other", false, 401), ("key", true, 503)])
    func `a caller that is not known at once is waited for`(key: String, isUndecided: Bool, status: Int) async {
        let fakes = Fakes()
        fakes.hasToWait = true
        fakes.isUndecided = isUndecided
        let response = await fakes.respond(key: key)
        #expect(response.status == status)
        #expect(fakes.events.first == .authenticated)
        #expect(fakes.failures == (status == 401 ? ["192.0.2.1"] : []))
        #expect(fakes.rows.map(\.caller) == [status == 200 ? Fakes.caller : nil])
        let request = Request(method: .post, path: Array("/tasks/abc/heartbeat".utf8), fields: Fields([:], key: key))
        #expect(fakes.handler.wantsBody(of: request))
    }
}
