import Authentication
import Foundation
import TestSupport
import Testing

/// A caller of a service, with a key of its own.
private struct KeyHolder: Sendable {
    let name: String
    let headers: [(name: String, value: String)]
    let line: String

    init(_ name: String, _ scopes: String) throws {
        let key = try APIKey.generate()
        self.name = name
        headers = [(name: "Authorization", value: "Bearer \(key.secret)")]
        line = "\(name):\(key.sha256Hex):\(scopes)"
    }
}

/// One service for all of them: each test takes tokens of its own.
private struct ReadableService: Sendable {
    static let shared = Result { try ReadableService() }

    let a: KeyHolder
    let b: KeyHolder
    let reader: KeyHolder
    let admin: KeyHolder
    let service: Service

    init() throws {
        a = try KeyHolder("worker-a", "heartbeat,audit")
        b = try KeyHolder("worker-b", "heartbeat,audit")
        reader = try KeyHolder("reader", "audit")
        admin = try KeyHolder("boss", "admin")
        let lines = [Service.keyLine, a.line, b.line, reader.line, admin.line]
        service = try Service(["HEARTBEAT_API_KEYS": lines.joined(separator: "\n")])
    }

    /// - Returns: the request's id.
    @discardableResult
    func beat(_ token: String, by caller: KeyHolder, details: String = "{}") throws -> String {
        let response = try service.heartbeat(token, details, headers: caller.headers)
        guard response.status == 200, let id = response["X-Request-Id"] else { throw SupportError(response.text) }
        return id
    }

    func get(
        _ path: String, by caller: KeyHolder, method: String = "GET"
    ) throws -> (response: HTTPResponse, json: [String: Any]) {
        let response = try service.process.client().request(method, path, headers: caller.headers)
        let json = try? JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any]
        return (response, json ?? [:])
    }
}

private func requestIDs(_ page: [String: Any]) -> [String] {
    (page["heartbeats"] as? [[String: Any]] ?? []).compactMap { $0["requestId"] as? String }
}

@Suite(.timeLimit(.minutes(10)))
struct ReadingTests {
    private let service: ReadableService

    init() throws {
        service = try ReadableService.shared.get()
    }

    @Test func `a task's last heartbeat says when, by whom, with what, and how it was before`() throws {
        let token = base64("ok#status")
        try service.beat(token, by: service.a)
        let id = try service.beat(token, by: service.a, details: #"{"details": "50 % é😀"}"#)
        let (response, json) = try service.get("/tasks/\(token)", by: service.a)
        #expect(response.status == 200)
        #expect(response["Content-Type"] == "application/json")
        #expect(response["Cache-Control"] == "no-store")
        #expect(response["X-Request-Id"] != nil)
        let last = try #require(json["lastHeartbeat"] as? [String: Any])
        #expect(last["requestId"] as? String == id)
        #expect(last["caller"] as? String == "worker-a")
        #expect(last["clientAddress"] as? String == "127.0.0.1")
        #expect(last["details"] as? String == "50 % é😀")
        #expect(last["detailsLength"] as? Int == 7)
        #expect(last["outcome"] as? String == "recorded")
        #expect(last["cancelRequested"] as? Bool == false)
        let columns = """
            to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            encode(task_token_sha256, 'hex'), id
            """
        #expect(
            try service.service.row(id, columns)
                == ["receivedAt", "taskTokenSha256", "id"].map { last[$0] as? String ?? "none" })
        #expect(json["count"] as? Int == 2)
        #expect(json["cancelRequestedSince"] == nil)
        #expect((0...600).contains(json["silentSeconds"] as? Int ?? -1))
        #expect(!response.text.contains(token))
    }

    @Test func `the first cancellation is when it was asked for`() throws {
        let token = base64("cancel#since")
        let id = try service.beat(token, by: service.a)
        try service.beat(token, by: service.a)
        let json = try service.get("/tasks/\(token)", by: service.a).json
        let column = #"to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#
        #expect(try service.service.row(id, column) == [json["cancelRequestedSince"] as? String ?? "none"])
    }

    @Test(arguments: ["", "/heartbeats"])
    func `a token's slashes may be encoded or not, and HEAD has the answer's head`(suffix: String) throws {
        // A task for each of the tests, which run side by side.
        let end = "c\(suffix.count)=="
        let token = "AAAAKgAAAAEAAAAAAAAAAg/+b//\(end)"
        let id = try service.beat(token, by: service.a)
        for path in [token, "AAAAKgAAAAEAAAAAAAAAAg%2F%2bb%2f%2F\(end)"] {
            let (response, _) = try service.get("/tasks/\(path)\(suffix)", by: service.a)
            #expect(response.status == 200)
            #expect(response.text.contains(id))
            let head = try service.get("/tasks/\(path)\(suffix)", by: service.a, method: "HEAD").response
            #expect(head.status == 200)
            #expect(head.body == [])
            #expect(head["Content-Length"].flatMap { Int($0) } ?? 0 > 100)
        }
        let hash = try service.service.row(id, "encode(task_token_sha256, 'hex')")[0]
        #expect(try service.get("/tasks/sha256:\(hash)\(suffix)", by: service.a).response.text.contains(id))
        let other = try service.get("/tasks/AAAAKgAAAAEAAAAAAAAAAg%252F+b//\(end)\(suffix)", by: service.a).response
        #expect(other.status == 404)
    }

    @Test func `following the cursor meets the whole history once, while heartbeats go on`() throws {
        let token = base64("ok#walk")
        let beats = try (0..<25).map { _ in try service.beat(token, by: service.a) }
        var walked: [String] = []
        var query = "?limit=10"
        while true {
            let page = try service.get("/tasks/\(token)/heartbeats\(query)", by: service.a).json
            walked += requestIDs(page)
            try service.beat(token, by: service.a)
            guard let next = page["next"] as? String else { break }
            query = "?before=\(next)&limit=10"
        }
        #expect(walked == beats.reversed())
    }

    @Test func `callers see their own heartbeats, an administrator everybody's`() throws {
        let token = base64("ok#shared")
        let first = try service.beat(token, by: service.a)
        let second = try service.beat(token, by: service.b)
        let third = try service.beat(token, by: service.admin)
        for (caller, ids) in [(service.a, [first]), (service.b, [second]), (service.admin, [third, second, first])] {
            #expect(requestIDs(try service.get("/tasks/\(token)/heartbeats", by: caller).json) == ids)
            let summary = try service.get("/tasks/\(token)", by: caller).json
            #expect((summary["lastHeartbeat"] as? [String: Any])?["requestId"] as? String == ids.first)
            #expect(summary["count"] as? Int == ids.count)
        }
        for path in ["/tasks/\(token)", "/tasks/\(token)/heartbeats"] {
            let (response, json) = try service.get(path, by: service.reader)
            #expect(response.status == 404)
            #expect(json["code"] as? String == "not_found")
            #expect((json["detail"] as? String)?.contains("audit table") == true)
        }
    }

    @Test func `each call needs its scope, and only a heartbeat that lacks it has a row`() throws {
        let token = base64("ok#scopes")
        let refused = try service.service.heartbeat(token, headers: service.reader.headers)
        #expect(refused.status == 403)
        #expect(refused.text.contains(#""code":"forbidden""#))
        #expect(
            try service.service.row(refused["X-Request-Id"], "outcome, caller, status, attempts")
                == ["forbidden", "reader", "403", "0"])
        let client = try service.service.process.client()
        for path in ["/tasks/\(token)", "/tasks/\(token)/heartbeats"] {
            let demo = try client.get(path, headers: Service.headers)
            #expect(demo.status == 403)
            #expect(demo.text.contains(#""code":"forbidden""#))
            let nobody = try client.get(path, headers: [])
            #expect(nobody.status == 401)
            #expect(nobody["WWW-Authenticate"] == "Bearer realm=\"heartbeat-facade\"")
            let put = try client.request("PUT", path, headers: service.admin.headers)
            #expect(put.status == 405)
            #expect(put["Allow"] == "GET, HEAD")
            for id in [demo, nobody, put].map({ $0["X-Request-Id"] ?? "none" }) {
                #expect(
                    try service.service.database.query(
                        "SELECT FROM heartbeat_audit WHERE request_id = '\(id)'") == [])
            }
        }
        let bad = try client.get("/tasks/\(token)/heartbeats?limit=0", headers: service.a.headers)
        #expect(bad.status == 400)
        #expect(bad.text.contains(#""code":"invalid_request""#))
    }

    @Test(arguments: [#"a\u0000b"#, #"\\u0000"#, #"\\\u0000\\\\u0000 \\"#])
    func `details come back as they were sent, a NUL and backslashes included`(json: String) throws {
        let token = base64("ok#nul\(json)")
        try service.beat(token, by: service.a, details: "{\"details\": \"\(json)\"}")
        let last = try service.get("/tasks/\(token)", by: service.a).json["lastHeartbeat"] as? [String: Any]
        let sent = try JSONSerialization.jsonObject(with: Data("[\"\(json)\"]".utf8)) as? [String]
        #expect((last?["details"] as? String).map { Array($0.utf8) } == sent?.first.map { Array($0.utf8) })
    }
}

@Suite(.timeLimit(.minutes(10)))
struct ReadingOutageTests {
    @Test func `with the database away reading says so, and works again when it is back`() throws {
        let server = try PrivatePostgreSQL()
        let admin = try KeyHolder("boss", "admin")
        let service = try Service([
            "DATABASE_URL": server.database.tcpConnectionString, "HEARTBEAT_API_KEYS": admin.line,
        ])
        let token = base64("ok#away")
        #expect(try service.heartbeat(token, headers: admin.headers).status == 200)
        let client = try service.process.client()
        func read() throws -> HTTPResponse {
            try client.get("/tasks/\(token)", headers: admin.headers + [(name: "Prefer", value: "wait=2")])
        }
        #expect(try read().status == 200)
        server.kill9()
        let away = try read()
        #expect(away.status == 503)
        #expect(away.text.contains(#""code":"audit_unavailable""#))
        #expect((away["Retry-After"].flatMap { Int($0) } ?? 0) >= 1)
        try server.start()
        let deadline = ContinuousClock.now + .seconds(60)
        var status = 503
        while status == 503, .now < deadline { status = try read().status }
        #expect(status == 200)
    }
}

/// What the setting is, and what is left of three characters.
struct RetentionRow: CustomTestStringConvertible, Sendable {
    let setting: String
    let details: String?
    let length: Int?

    var testDescription: String { setting }
}

@Suite(.timeLimit(.minutes(10)))
struct DetailsRetentionTests {
    @Test(arguments: [
        RetentionRow(setting: "full", details: "50%", length: 3),
        RetentionRow(setting: "length", details: nil, length: 3),
        RetentionRow(setting: "none", details: nil, length: nil),
    ])
    func `rows keep what they are to keep of the details, and SWF gets them`(row: RetentionRow) throws {
        let admin = try KeyHolder("boss", "admin")
        let service = try Service([
            "HEARTBEAT_API_KEYS": admin.line, "HEARTBEAT_AUDIT_DETAILS": row.setting, "HEARTBEAT_LOG_LEVEL": "trace",
        ])
        let token = base64("ok#kept")
        let response = try service.heartbeat(token, #"{"details": "50%"}"#, headers: admin.headers)
        #expect(response.status == 200)
        #expect(try service.simulator.calls().contains("50%"))
        #expect(
            try service.row(response["X-Request-Id"], "details, details_length")
                == [row.details ?? PrivatePostgreSQL.null, row.length.map(String.init) ?? PrivatePostgreSQL.null])
        let answer = try service.process.client().get("/tasks/\(token)", headers: admin.headers)
        let json = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
        let last = json?["lastHeartbeat"] as? [String: Any]
        #expect(last?["details"] as? String == row.details)
        #expect(last?["detailsLength"] as? Int == row.length)
        #expect(!service.process.log.contains("50%"))
    }
}
