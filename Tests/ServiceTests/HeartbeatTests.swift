import Foundation
import Heartbeat
import TestSupport
import Testing

/// What the simulator is asked for, and what the caller must get.
struct OutcomeRow: CustomTestStringConvertible, Sendable {
    var word: String
    var status: Int
    var code: String
    var fault: String?
    /// Retries included.
    var attempts: Int

    init(_ word: String, _ status: Int, _ code: String, fault: String? = nil, attempts: Int = 1) {
        self.word = word
        self.status = status
        self.code = code
        self.fault = fault
        self.attempts = attempts
    }

    var testDescription: String { "\(word) -> \(status) \(code)" }
}

/// One service and simulator for all of them: each takes a token of its own.
@Suite(.timeLimit(.minutes(10)))
struct HeartbeatTests {
    // What one of them has throttled is not to slow the others down.
    static let shared = Result { try Service(["HEARTBEAT_SWF_RATE": "off"]) }

    private let service: Service

    init() throws {
        service = try Self.shared.get()
    }

    @Test func `a heartbeat is relayed with its details, answered, and has its row`() throws {
        let token = base64("ok#first")
        let response = try service.heartbeat(
            token, "{\"details\": \"50 % \\u00e9 😀\"}",
            headers: Service.headers + [
                (name: "X-Request-Id", value: "request-1"),
                (name: "traceparent", value: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ])
        #expect(response.status == 200)
        #expect(response.text == "{\"cancelRequested\":false}")
        #expect(response["Content-Type"] == "application/json")
        #expect(response["Cache-Control"] == "no-store")
        #expect(response["X-Request-Id"] == "request-1")
        let columns = """
            trace_id, caller, authentication, client_address, task_token_sha256 = sha256('\(token)'::bytea), details,
            details_length, outcome, status, cancel_requested, fault, attempts, relayed, duration_us > 0,
            received_at BETWEEN now() - interval '1 minute' AND now(), instance <> '',
            substring(id::text, 15, 1)
            """
        #expect(
            try service.row("request-1", columns) == [
                "4bf92f3577b34da6a3ce929d0e0e4736", "demo", "api_key", "127.0.0.1", "t", "50 % é 😀", "8", "recorded",
                "200",
                "f", PrivatePostgreSQL.null, "1", "t", "t", "t", "t", "7",
            ])
        let upstream = try service.row("request-1", "upstream_request_id")
        #expect([response["X-Amzn-RequestId"]] == upstream)
        #expect(try service.simulator.calls().contains(token))
    }

    @Test func `a cancellation reaches the caller and the row`() throws {
        let response = try service.heartbeat(base64("cancel#1"))
        #expect(response.text == "{\"cancelRequested\":true}")
        #expect(
            try service.row(response["X-Request-Id"], "cancel_requested, details") == ["t", PrivatePostgreSQL.null])
    }

    @Test(arguments: [
        "AAAAKgAAAAEAAAAAAAAAAg/+a/b+c==", "AAAAKgAAAAEAAAAAAAAAAg%2F%2Ba%2fb%2Bc%3D%3D",
    ])
    func `a token's slashes may be encoded or not`(path: String) throws {
        let response = try service.heartbeat(path)
        #expect(response.status == 200)
        let hash = try service.row(response["X-Request-Id"], "encode(task_token_sha256, 'hex')")
        let expected = try service.database.query(
            "SELECT encode(sha256('AAAAKgAAAAEAAAAAAAAAAg/+a/b+c=='::bytea), 'hex')")
        #expect([hash] == expected)
    }

    @Test func `the token may come in the body`() throws {
        let response = try service.process.client().post(
            "/tasks/heartbeat", headers: Service.headers,
            body: "{\"taskToken\": \"\(base64("cancel#body"))\", \"details\": {\"step\": 3}}")
        #expect(response.text == "{\"cancelRequested\":true}")
        #expect(try service.row(response["X-Request-Id"], "details") == ["{\"step\":3}"])
    }

    // One after the other, and failures among answers: ten failures in a row open the circuit.
    @Test(
        .serialized,
        arguments: [
            OutcomeRow("unknown", 404, "unknown_task", fault: "UnknownResourceFault"),
            OutcomeRow("not-permitted", 403, "operation_not_permitted", fault: "OperationNotPermittedFault"),
            OutcomeRow("denied", 403, "upstream_access_denied", fault: "AccessDeniedException"),
            OutcomeRow("validation", 400, "invalid_task_token", fault: "ValidationException"),
            OutcomeRow("serialization", 500, "internal_error", fault: "SerializationException"),
            OutcomeRow("throttle", 429, "upstream_throttled", fault: "ThrottlingException", attempts: 3),
            OutcomeRow("internal", 502, "upstream_error", fault: "InternalFailure", attempts: 3),
            OutcomeRow("500", 502, "upstream_error", attempts: 3),
            OutcomeRow("limit", 429, "upstream_throttled", fault: "LimitExceededFault"),
            OutcomeRow("unavailable", 503, "upstream_unavailable", fault: "ServiceUnavailable", attempts: 3),
            OutcomeRow("garbage", 502, "upstream_malformed", attempts: 2),
            OutcomeRow("unrecognized-client", 502, "upstream_credentials", fault: "UnrecognizedClientException"),
            OutcomeRow("no-flag", 502, "upstream_malformed", attempts: 2),
            OutcomeRow("large", 502, "upstream_malformed"),
            OutcomeRow("redirect", 502, "upstream_protocol"),
            OutcomeRow("reset", 502, "upstream_unreachable", attempts: 3),
        ])
    func `what SWF answers is translated, and the row says so`(outcome: OutcomeRow) throws {
        let token = base64("\(outcome.word)#outcome")
        let response = try service.heartbeat(token)
        #expect(response.status == outcome.status)
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(response.text.contains("\"code\":\"\(outcome.code)\""))
        #expect(!response.text.contains(token))
        let carriesRetryAfter = ErrorCode(rawValue: outcome.code)?.retryAfterDefault != nil
        #expect((response["Retry-After"] != nil) == carriesRetryAfter)
        #expect(
            try service.row(response["X-Request-Id"], "outcome, status, fault, cancel_requested, attempts")
                == [
                    outcome.code, "\(outcome.status)", outcome.fault ?? PrivatePostgreSQL.null, PrivatePostgreSQL.null,
                    "\(outcome.attempts)",
                ])
    }

    @Test func `a call that SWF does not answer ends at its deadline`() throws {
        let response = try service.heartbeat(
            base64("hang#1"), headers: Service.headers + [(name: "Prefer", value: "wait=1")])
        #expect(response.status == 504)
        #expect(try service.row(response["X-Request-Id"], "outcome, attempts") == ["upstream_timeout", "1"])
    }

    @Test func `refusals have their rows too`() throws {
        let stranger = try service.heartbeat(
            base64("ok#refused"), headers: [(name: "Authorization", value: "Bearer hbf_x")])
        #expect(stranger.status == 401)
        #expect(stranger["WWW-Authenticate"]?.hasPrefix("Bearer realm=\"heartbeat-facade\"") == true)
        #expect(
            try service.row(stranger["X-Request-Id"], "outcome, caller, attempts")
                == ["unauthenticated", PrivatePostgreSQL.null, "0"])
        let bad = try service.heartbeat(base64("ok#refused"), "{\"detail\": 1}")
        #expect(bad.status == 400)
        #expect(bad.text.contains("detail"))
        #expect(try service.row(bad["X-Request-Id"], "outcome, caller") == ["invalid_request", "demo"])
    }

    @Test func `details may hold a NUL, which PostgreSQL cannot store as it is`() throws {
        let response = try service.heartbeat(base64("ok#nul"), #"{"details": "a\u0000b"}"#)
        #expect(response.status == 200)
        #expect(try service.row(response["X-Request-Id"], "details_length") == ["3"])
    }

    @Test func `a caller that has gone away is still audited`() throws {
        let client = try service.process.client()
        try client.send(
            """
            POST /tasks/\(base64("slow:200#gone"))/heartbeat HTTP/1.1\r\nHost: x\r\nX-Request-Id: gone-away\r
            Authorization: Bearer \(Service.key)\r\nContent-Length: 0\r\n\r\n
            """)
        client.abort()
        // Rows of one loop become durable in their order, but this may be the other's: ask until it is there.
        let deadline = ContinuousClock.now + .seconds(30)
        var rows: [[String]] = []
        while rows.isEmpty && ContinuousClock.now < deadline {
            rows = try service.database.query("SELECT outcome FROM heartbeat_audit WHERE request_id = 'gone-away'")
        }
        #expect(rows == [["recorded"]])
    }

    @Test func `what is no heartbeat is answered without a row`() throws {
        let client = try service.process.client()
        let before = try service.database.query("SELECT count(*) FROM heartbeat_audit WHERE request_id LIKE 'plain-%'")
        for (method, path, status) in [
            ("GET", "/openapi.yaml", 200), ("GET", "/openapi.json", 200), ("HEAD", "/openapi.json", 200),
            ("GET", "/problems/unknown_task", 200), ("GET", "/problems/nonsense", 404), ("GET", "/problems", 200),
            ("GET", "/", 200),
            ("DELETE", "/tasks/x/heartbeat", 405), ("POST", "/openapi.json", 405),
        ] {
            let response = try client.request(method, path, headers: [(name: "X-Request-Id", value: "plain-\(method)")])
            #expect(response.status == status, "\(method) \(path)")
            #expect((response["Allow"] != nil) == (status == 405), "\(method) \(path)")
        }
        #expect(
            try service.database.query("SELECT count(*) FROM heartbeat_audit WHERE request_id LIKE 'plain-%'") == before
        )
    }

    @Test func `no token and no key is in the log, the metrics or the table`() throws {
        let token = base64("ok#a-secret-token")
        #expect(try service.heartbeat(token, "{\"details\": \"x\"}").status == 200)
        #expect(try service.heartbeat("%00" + token).status == 400)
        #expect(try service.heartbeat(token, "{\"taskToken\": \"\(token)\"}").status == 400)
        let seen =
            try service.process.log + service.process.operations("/metrics").text
            + service.database.query("SELECT heartbeat_audit::text FROM heartbeat_audit").joined().joined()
        #expect(!seen.contains(token))
        #expect(!seen.contains(Service.key))
        #expect(!seen.contains(SimulatorProcess.secretAccessKey))
    }

    @Test func `500 heartbeats on 10 connections leave 500 rows and 500 counts`() async throws {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for connection in 0..<10 {
                group.addTask {
                    let client = try service.process.client()
                    return try (0..<50).count { beat in
                        let id = (name: "X-Request-Id", value: "many-\(connection)-\(beat)")
                        return try client.post(
                            "/tasks/\(base64("ok#many\(connection)"))/heartbeat", headers: Service.headers + [id],
                            body: "{\"details\": \"\(beat)\"}"
                        ).status == 200
                    }
                }
            }
            var answered = 0
            for try await count in group { answered += count }
            #expect(answered == 500)
        }
        let rows = try service.database.query(
            """
            SELECT count(*), count(DISTINCT request_id), count(DISTINCT id) FROM heartbeat_audit
            WHERE request_id LIKE 'many-%'
            """
        )
        #expect(rows == [["500", "500", "500"]])
    }
}
