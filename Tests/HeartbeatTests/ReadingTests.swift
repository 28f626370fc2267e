import HTTP
import Synchronization
import TestSupport
import Testing

@testable import Heartbeat

/// A reading that is refused.
private struct RefusedReading: NamedRow {
    let name: String
    var method = Method.get
    var path = "/tasks/\(Fakes.token)/heartbeats"
    var query = ""
    var key: String? = "key"
    var scopes: Set<Scope> = [.audit]
    var lines: KeyValuePairs<String, String> = [:]
    let code: ErrorCode
    var detail = ""

    static let all: [RefusedReading] = [
        RefusedReading(name: "no credentials", key: nil, code: .unauthenticated),
        RefusedReading(name: "a bad key", key: "kex", code: .unauthenticated),
        RefusedReading(name: "no scope", scopes: [.heartbeat], code: .forbidden, detail: "scope audit"),
        RefusedReading(
            name: "no scope and a bad path", path: "/tasks/%/heartbeats", scopes: [.heartbeat], code: .forbidden),
        RefusedReading(name: "an empty token", path: "/tasks//heartbeats", code: .invalidRequest, detail: "empty"),
        RefusedReading(name: "a bad escape", path: "/tasks/%", code: .invalidRequest, detail: "%25"),
        RefusedReading(
            name: "a token too long", path: "/tasks/" + String(repeating: "a", count: 1025), code: .invalidRequest),
        RefusedReading(name: "a hash too short", path: "/tasks/sha256:ab", code: .invalidRequest, detail: "64 hex"),
        RefusedReading(
            name: "a hash with a letter", path: "/tasks/sha256:" + String(repeating: "g", count: 64),
            code: .invalidRequest, detail: "64 hex"),
        RefusedReading(name: "an answer nobody takes", lines: ["Accept": "text/html"], code: .notAcceptable),
        RefusedReading(name: "another method", method: .delete, code: .methodNotAllowed),
        RefusedReading(name: "a limit of 0", query: "limit=0", code: .invalidRequest, detail: "1 to 1000"),
        RefusedReading(name: "a limit of 1001", query: "limit=1001", code: .invalidRequest, detail: "1 to 1000"),
        RefusedReading(name: "a limit of words", query: "limit=ten", code: .invalidRequest, detail: "1 to 1000"),
        RefusedReading(name: "a signed limit", query: "limit=%2B5", code: .invalidRequest, detail: "1 to 1000"),
        RefusedReading(name: "no limit", query: "limit", code: .invalidRequest, detail: "1 to 1000"),
        RefusedReading(name: "two limits", query: "limit=1&limit=1", code: .invalidRequest, detail: "once"),
        RefusedReading(name: "no cursor", query: "before=2026-11-21", code: .invalidRequest, detail: "before"),
        RefusedReading(name: "an unknown parameter", query: "after=1", code: .invalidRequest, detail: #"\"after\""#),
        RefusedReading(name: "a bad escape in the query", query: "limit=%", code: .invalidRequest, detail: "percent"),
    ]
}

@Suite struct ReadingTests {
    private static let fullJSON = """
        {"id":"01980000-0000-7000-8000-000000000001","receivedAt":"2023-11-14T22:13:10.123451Z","requestId":"r1",\
        "traceId":"4bf92f3577b34da6a3ce929d0e0e4736","caller":"worker","authentication":"api_key",\
        "clientAddress":"192.0.2.1","taskTokenSha256":"ab","details":"50% \\"\\u0000\\"","detailsLength":7,\
        "outcome":"recorded","status":200,"cancelRequested":true,"fault":"UnknownResourceFault",\
        "upstreamRequestId":"swf-1","attempts":1,"durationMicroseconds":1234,"relayed":true,"instance":"i"}
        """

    private static let bareJSON = """
        {"id":"01980000-0000-7000-8000-000000000002","receivedAt":"2023-11-14T22:13:10.123452Z","requestId":"r2",\
        "outcome":"recorded","status":200,"attempts":1,"durationMicroseconds":1234,"relayed":true,"instance":"i"}
        """

    private static func fakes(_ scopes: Set<Scope> = [.audit]) -> Fakes {
        let fakes = Fakes()
        fakes.scopes = scopes
        return fakes
    }

    @Test(arguments: RefusedReading.all)
    private func `a reading that is refused reads nothing and leaves no row`(row: RefusedReading) async {
        let fakes = Self.fakes(row.scopes)
        let response = await fakes.respond(row.method, row.path, query: row.query, key: row.key, fields: row.lines)
        #expect(response.status == row.code.status)
        #expect(response.text.contains("\"code\":\"\(row.code.rawValue)\""))
        #expect(response.text.contains(row.detail))
        #expect((response["WWW-Authenticate"] != nil) == (row.code == .unauthenticated))
        #expect(response["Allow"] == (row.code == .methodNotAllowed ? "GET, HEAD" : nil))
        #expect(fakes.history.questions.isEmpty)
        #expect(fakes.rows.isEmpty)
        // Another method reads nothing.
        let told = row.code == .methodNotAllowed ? [] : [row.code]
        #expect(fakes.readings.map(\.code) == told)
        #expect(fakes.readings.allSatisfy { ($0.caller == nil) == (row.code == .unauthenticated) })
    }

    @Test func `a reading is told of, with the client's address, whatever came of it`() async {
        let fakes = Self.fakes()
        fakes.elapsed = .milliseconds(7)
        fakes.history.state.withLock { $0.summary = TaskSummary(last: .full, count: 1) }
        let id = (name: "X-Request-Id", value: "mine")
        _ = await fakes.respond(.get, "/tasks/abc", fields: [id.name: id.value])
        fakes.wait = .seconds(3)
        _ = await fakes.respond(.get, "/tasks/abc/heartbeats", fields: [id.name: id.value])
        fakes.wait = nil
        fakes.standing = RateStanding(
            limit: RateLimit(rate: 1, burst: 1), wait: .seconds(1), remaining: 0, untilFull: .seconds(1))
        _ = await fakes.respond(.head, "/tasks/abc", fields: [id.name: id.value])
        let caller = Caller(name: "worker", authentication: .apiKey, scopes: [.audit])
        let read = Reading(
            requestID: "mine", caller: caller, clientAddress: "192.0.2.1", code: nil, duration: .milliseconds(7))
        var (held, limited) = (read, read)
        (held.caller, held.code, limited.code) = (nil, .rateLimited, .rateLimited)
        #expect(fakes.readings == [read, held, limited])
        #expect(fakes.rows.isEmpty)
    }

    @Test(arguments: [Method.get, .post])
    func `as long as nobody can be known, that is what is said, and it counts against nobody`(method: Method) async {
        let fakes = Self.fakes()
        fakes.isUndecided = true
        let response = await fakes.respond(method, "/tasks/abc\(method == .post ? "/heartbeat" : "")")
        #expect(response.status == 503)
        #expect(response.text.contains(#""code":"audit_unavailable""#))
        #expect(response.text.contains("API keys"))
        #expect(response["Retry-After"] != nil)
        #expect(response["WWW-Authenticate"] == nil)
        #expect(fakes.failures.isEmpty)
        #expect(fakes.rows.map(\.outcome) == (method == .post ? ["audit_unavailable"] : []))
        #expect(!fakes.hasRelayed)
    }

    @Test func `a task's last heartbeat, and what was before it`() async {
        let fakes = Self.fakes()
        fakes.history.state.withLock {
            $0.summary = TaskSummary(last: .full, cancelRequestedSince: "2023-11-14T22:00:00.000000Z", count: 3)
        }
        let response = await fakes.respond(.get, "/tasks/\(Fakes.token)", fields: ["Prefer": "wait=10"])
        #expect(response.status == 200)
        #expect(
            response.text == """
                {"lastHeartbeat":\(Self.fullJSON),"cancelRequestedSince":"2023-11-14T22:00:00.000000Z","count":3,\
                "silentSeconds":9}
                """)
        #expect(response["Content-Type"] == "application/json")
        #expect(response["Cache-Control"] == "no-store")
        #expect(
            fakes.history.questions == [
                .init(
                    task: TaskHash(of: Fakes.token), caller: Fakes.caller.identity,
                    deadline: Fakes.start + .seconds(10)
                )
            ])
        #expect(fakes.rows.isEmpty)
    }

    @Test func `what a row has not is left out, and a clock that is behind makes no silence of less than nothing`()
        async
    {
        let fakes = Self.fakes()
        fakes.elapsed = .seconds(-60)
        fakes.history.state.withLock { $0.summary = TaskSummary(last: .make(2), count: 1) }
        let response = await fakes.respond(.get, "/tasks/abc")
        #expect(response.text == #"{"lastHeartbeat":\#(Self.bareJSON),"count":1,"silentSeconds":0}"#)
    }

    @Test func `a history with more before it has a cursor, and its last page none`() async {
        let fakes = Self.fakes()
        fakes.history.state.withLock { $0.records = [.make(2), .full] }
        let path = "/tasks/\(Fakes.token)/heartbeats"
        let first = await fakes.respond(.get, path, query: "limit=1")
        let cursor = AuditRecord.make(2).position.cursor
        #expect(first.text == #"{"heartbeats":[\#(Self.bareJSON)],"next":"\#(cursor)"}"#)
        let whole = await fakes.respond(.get, path, query: "limit=2&before=\(cursor)")
        #expect(whole.text == #"{"heartbeats":[\#(Self.bareJSON),\#(Self.fullJSON)]}"#)
        _ = await fakes.respond(.head, path)
        let question = FakeHistory.Question(
            task: TaskHash(of: Fakes.token), caller: Fakes.caller.identity, limit: 2,
            deadline: Fakes.start + .seconds(6))
        var (second, third) = (question, question)
        (second.position, second.limit, third.limit) = (AuditRecord.make(2).position, 3, 101)
        #expect(fakes.history.questions == [question, second, third])
    }

    @Test(arguments: ["sha256:", "sha256%3A"], ["", "/heartbeats"])
    func `a task may be named by its token's hash`(prefix: String, suffix: String) async {
        let fakes = Self.fakes()
        _ = await fakes.respond(.get, "/tasks/\(prefix)\(String(repeating: "0aF1", count: 16))\(suffix)")
        let hash = TaskHash(TaskHash.Bytes { $0.isMultiple(of: 2) ? 0x0A : 0xF1 })
        #expect(fakes.history.questions.map(\.task) == [hash])
    }

    @Test func `an administrator sees everybody's rows`() async {
        let fakes = Self.fakes([.admin])
        _ = await fakes.respond(.get, "/tasks/abc")
        _ = await fakes.respond(.get, "/tasks/abc/heartbeats")
        #expect(fakes.history.questions.map(\.caller) == [nil, nil])
    }

    @Test(arguments: ["/tasks/abc", "/tasks/abc/heartbeats"])
    func `without a row there is nothing to find, whether or not SWF knows the task`(path: String) async {
        let fakes = Self.fakes()
        let own = await fakes.respond(.get, path)
        #expect(own.status == 404)
        #expect(own.text.contains(#""code":"not_found""#))
        #expect(own.text.contains("No heartbeat of this task by this caller is in the audit table."))
        fakes.scopes = [.admin]
        #expect(await fakes.respond(.get, path).text.contains("No heartbeat of this task is in the audit table."))
    }

    @Test func `after the last page there is an empty one`() async {
        let fakes = Self.fakes()
        let cursor = AuditRecord.make(2).position.cursor
        let response = await fakes.respond(.get, "/tasks/abc/heartbeats", query: "before=\(cursor)")
        #expect(response.status == 200)
        #expect(response.text == #"{"heartbeats":[]}"#)
    }

    @Test(arguments: ["/tasks/abc", "/tasks/abc/heartbeats"])
    func `a table that cannot be read is told from too many readers`(path: String) async {
        for (failure, code) in [(AuditFailure.unavailable, ErrorCode.auditUnavailable), (.full, .overloaded)] {
            let fakes = Self.fakes()
            fakes.history.state.withLock { $0.failure = failure }
            let response = await fakes.respond(.get, path)
            #expect(response.status == 503)
            #expect(response.text.contains("\"code\":\"\(code.rawValue)\""))
            #expect(response["Retry-After"] != nil)
        }
    }
}

@Suite struct AuditPositionTests {
    @Test func `a cursor says the position, in characters that every URL takes`() {
        for time in [0, 1, 1_795_176_000_123_456, 253_402_300_799_999_999] as [Int64] {
            let position = AuditPosition(receivedAt: time, id: "0198f3a2-6c1e-7b40-9d2a-5f6e7a8b9c0d")
            #expect(position.cursor.utf8.count == 48)
            #expect(position.cursor.wholeMatch(of: /[0-9a-f]+/) != nil)
            #expect(AuditPosition(cursor: position.cursor) == position)
        }
    }

    @Test(arguments: [
        "", "0", String(repeating: "0", count: 47), String(repeating: "0", count: 49),
        String(repeating: "g", count: 48), String(repeating: "A", count: 48),
        // A time beyond the year 9999, and a negative one.
        "0384440ccc736000" + String(repeating: "0", count: 32), "-000000000000001" + String(repeating: "0", count: 32),
        "+000000000000001" + String(repeating: "0", count: 32), "ffffffffffffffff" + String(repeating: "0", count: 32),
    ])
    func `anything else is none`(text: String) {
        #expect(AuditPosition(cursor: text) == nil)
    }
}
