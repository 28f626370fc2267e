import Foundation
import TestSupport
import Testing

/// A service, or two of one database, whose callers have keys in it.
private struct Replicas {
    let simulator: SimulatorProcess
    let server: PrivatePostgreSQL
    let conninfo: String
    let services: [ServiceProcess]

    init(
        _ count: Int, server: PrivatePostgreSQL? = nil, change: [String: String] = [:],
        awaiting path: String? = "/readyz"
    ) throws {
        let server = try server ?? PrivatePostgreSQL()
        let simulator = try SimulatorProcess()
        let conninfo = server.database.tcpConnectionString
        var environment = Service.environment(simulator, conninfo)
        environment["HEARTBEAT_API_KEYS"] = nil
        // Whose bad keys are not counted.
        environment["HEARTBEAT_TRUSTED_PROXIES"] = "127.0.0.1"
        environment.merge(change) { _, new in new }
        services = try (0..<count).map { _ in try ServiceProcess(environment: environment, awaiting: path) }
        (self.server, self.simulator, self.conninfo) = (server, simulator, conninfo)
    }

    /// - Returns: the first line of the result: of `create` and `rotate` the key.
    @discardableResult
    func keys(_ arguments: String...) throws -> String {
        let output = try runFacade(["keys"] + arguments, environment: ["DATABASE_URL": conninfo])
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
        return output.standardOutput.split(separator: "\n").first.map(String.init) ?? ""
    }

    /// Of a heartbeat on a connection of its own: the kernel gives it to any of the loops.
    func status(_ key: String, of service: Int = 0) throws -> Int {
        try answer("Bearer \(key)", of: service).status
    }

    func answer(_ authorization: String?, of service: Int = 0) throws -> HTTPResponse {
        let headers = authorization.map { [(name: "Authorization", value: $0)] } ?? []
        return try services[service].client().post(
            "/tasks/\(base64("ok"))/heartbeat", headers: headers + [("X-Request-Id", "same"), KeyCallers.patience])
    }

    /// Asks every service until each has given so many such answers in a row: enough for each of its loops.
    func until(_ key: String, answers status: Int, times: Int = 1) throws {
        for (number, service) in services.enumerated() {
            try service.wait(for: "\(status) to a key") {
                try (0..<times).allSatisfy { _ in try self.status(key, of: number) == status }
            }
        }
    }
}

private func id(_ key: String) -> String { String(key.dropFirst(4).prefix(8)) }

@Suite(.timeLimit(.minutes(10)))
struct KeyServiceTests {
    private static let loops = 3
    /// After `keys revoke` has returned: what is promised.
    private static let revocationMax = Duration.seconds(1)

    @Test func `keys are made, rotated and revoked under load, in two replicas and on all their loops`() throws {
        let replicas = try Replicas(2, change: ["HEARTBEAT_EVENT_LOOPS": "\(Self.loops)"])
        let old = try replicas.keys("create", "worker")
        try replicas.until(old, answers: 200, times: 4 * Self.loops)
        let new = try replicas.keys("rotate", id(old), "--overlap", "1h")
        try replicas.until(new, answers: 200, times: 4 * Self.loops)
        try replicas.until(old, answers: 200, times: 4 * Self.loops)

        let callers = KeyCallers(24, key: old, of: replicas.services)
        try callers.awaitAnswers(10) {
            let status = try replicas.status(new)
            #expect(status == 200)
        }
        try replicas.keys("revoke", id(old))
        let revoked = ContinuousClock.now
        // So many callers are on all loops of both.
        try callers.awaitAnswers(2, to: revoked + Self.revocationMax) {
            let status = try replicas.status(new)
            #expect(status == 200)
        }
        for sequence in callers.finish() {
            let accepted = sequence.prefix { $0.status == 200 }
            #expect(accepted.count >= 10)
            #expect(sequence.dropFirst(accepted.count).allSatisfy { $0.status == 401 })
            #expect(accepted.allSatisfy { $0.begin <= revoked + Self.revocationMax })
        }
        try replicas.until(new, answers: 200, times: 4 * Self.loops)
        let rows = try replicas.server.database.query(
            "SELECT DISTINCT caller, authentication, outcome FROM heartbeat_audit ORDER BY 1 NULLS LAST")
        #expect(
            rows == [
                ["worker", "api_key", "recorded"],
                [PrivatePostgreSQL.null, PrivatePostgreSQL.null, "unauthenticated"],
            ]
        )
        for service in replicas.services { #expect(try service.terminate() == .exited(0)) }
    }

    @Test func `without PostgreSQL known callers go on, restart included, and refused ones stay refused`() throws {
        let spool = try TemporaryDirectory()
        let change = ["HEARTBEAT_SPOOL_DIRECTORY": spool.file("spool")]
        let first = try Replicas(1, change: change)
        let (key, revoked) = (try first.keys("create", "worker"), try first.keys("create", "left"))
        try first.until(revoked, answers: 200)
        try first.keys("revoke", id(revoked))
        try first.until(revoked, answers: 401)
        let file = spool.file("spool/api-keys")
        try first.services[0].wait(for: "the file") {
            (try? String(contentsOfFile: file, encoding: .utf8))?.contains(id(revoked)) == false
        }
        try first.server.stop()
        #expect(try first.status(key) == 200)
        #expect(try first.status(revoked) == 401)
        #expect(try first.services[0].operations("/readyz").status == 200)
        #expect(try first.services[0].terminate() == .exited(0))

        let second = try Replicas(1, server: first.server, change: change)
        #expect(try second.status(key) == 200)
        #expect(try second.status(revoked) == 401)
        #expect(second.services[0].log.contains("the last known API keys are in use"))
        try first.server.start()
        let later = try second.keys("create", "later")
        try second.until(later, answers: 200)
        #expect(try second.services[0].terminate() == .exited(0))
    }

    @Test func `a corrupt file is told of and ignored`() throws {
        let spool = try TemporaryDirectory()
        let change = ["HEARTBEAT_SPOOL_DIRECTORY": spool.path]
        let first = try Replicas(1, change: change)
        let key = try first.keys("create", "worker")
        try first.until(key, answers: 200)
        let file = spool.file("api-keys")
        try first.services[0].wait(for: "the file") {
            (try? String(contentsOfFile: file, encoding: .utf8))?.contains(id(key)) == true
        }
        #expect(try first.services[0].terminate() == .exited(0))
        let content = try String(contentsOfFile: file, encoding: .utf8)
        try content.replacing("\tworker\t", with: "\tadmin\t").write(toFile: file, atomically: true, encoding: .utf8)
        try first.server.stop()
        let second = try Replicas(1, server: first.server, change: change, awaiting: nil)
        try second.services[0].child.waitForLine(on: .standardOutput) {
            $0.contains("the file of the last known API keys is ignored")
        }
        try second.services[0].wait(for: "/readyz", toAnswer: 503)
        // Good or bad: nobody knows.
        #expect(try second.status(key) == 503)
        #expect(try second.status("hbf_x") == 401)
        // As soon as the table can be read it is good again.
        try first.server.start()
        try second.until(key, answers: 200)
        try second.services[0].wait(for: "/readyz", toAnswer: 200)
        #expect(try second.services[0].terminate() == .exited(0))
    }

    @Test func `a start while PostgreSQL is away, without a spool, calls no key bad that may be good`() throws {
        // Its bad keys are counted: the good one's calls must not be among them.
        let fixed = [
            "HEARTBEAT_API_KEYS": Service.keyLine, "HEARTBEAT_TRUSTED_PROXIES": "",
            "HEARTBEAT_AUDIT_COMMIT_TIMEOUT": "1s",
        ]
        let first = try Replicas(1, change: fixed)
        let key = try first.keys("create", "worker", "--scope", "heartbeat", "--scope", "audit")
        try first.until(key, answers: 200)
        try first.server.stop()
        #expect(try first.status(key) == 503)
        #expect(try first.services[0].terminate() == .exited(0))

        let second = try Replicas(1, server: first.server, change: fixed, awaiting: nil)
        let service = second.services[0]
        try service.wait(for: "/livez", toAnswer: 200)
        func read(_ key: String) throws -> HTTPResponse {
            try service.client().get("/tasks/\(base64("ok"))", headers: [("Authorization", "Bearer \(key)")])
        }
        for _ in 0..<12 {
            for answer in [try second.answer("Bearer \(key)"), try read(key)] {
                #expect(answer.status == 503)
                #expect(answer.text.contains(#""code":"audit_unavailable""#))
                #expect(answer["Retry-After"] != nil)
                #expect(answer["WWW-Authenticate"] == nil)
            }
        }
        #expect(try read(key).text.contains("The API keys could not be read"))
        #expect(try read("hbf_x").status == 401)
        // Known, but not for this; and no heartbeat without its row.
        #expect(try read(Service.key).status == 403)
        #expect(try second.status(Service.key) == 503)
        try first.server.start()
        try second.until(key, answers: 200)
        // Rows are read on another connection, which comes back by itself.
        try service.wait(for: "an answer to a reading") { try read(key).status == 200 }
        let unknown = try runFacade(["keys", "create", "x"]).standardOutput.prefix(48)
        // Each loop has a connection of its own for rows, without which nobody is refused.
        try second.until(String(unknown), answers: 401)
        let refused = #"heartbeat_reads_total{code="unauthenticated",status="401"} 1"#
        #expect(try service.operations("/metrics").text.contains(refused))
        let line = service.log.split(separator: "\n").first {
            $0.contains("\"reading\"") && $0.contains("unauthenticated")
        }
        #expect(line?.contains("127.0.0.1") == true)
        #expect(try service.terminate() == .exited(0))
    }

    @Test func `a refusal is the same for whatever is wrong with a key`() throws {
        let replicas = try Replicas(1)
        let (good, revoked) = (try replicas.keys("create", "a"), try replicas.keys("create", "b"))
        let expired = try replicas.keys("create", "c", "--expires", "1s")
        let elsewhere = try replicas.keys("create", "d", "--network", "192.0.2.0/24")
        try replicas.until(elsewhere, answers: 403)
        #expect(try replicas.answer("Bearer \(elsewhere)").text.contains(#""code":"forbidden""#))
        try replicas.keys("revoke", id(revoked))
        try replicas.until(revoked, answers: 401)
        try replicas.until(expired, answers: 401)
        let unknown = try runFacade(["keys", "create", "x"]).standardOutput.prefix(48)
        let mistyped = good.dropLast() + (good.hasSuffix("0") ? "1" : "0")
        let answers = try [revoked, expired, String(unknown), String(mistyped), "hbf_", "x"].map {
            try replicas.answer("Bearer \($0)")
        }
        for answer in answers {
            #expect(answer.status == 401)
            #expect(answer.text == answers[0].text)
            let fields = answer.headers.filter { $0.name.lowercased() != "date" }.map { "\($0.name): \($0.value)" }
            #expect(fields.contains(#"WWW-Authenticate: Bearer realm="heartbeat-facade", error="invalid_token""#))
            let others = answers[0].headers.filter { $0.name.lowercased() != "date" }.map { "\($0.name): \($0.value)" }
            #expect(fields == others)
        }
        let none = try replicas.answer(nil)
        #expect(none.headers.contains { $0.value == #"Bearer realm="heartbeat-facade""# })
        let log = replicas.services[0].log
        for key in [good, revoked, expired, elsewhere] { #expect(!log.contains(key.dropFirst(12).prefix(30))) }
        #expect(try replicas.services[0].terminate() == .exited(0))
    }

    @Test func `a database of version 2 gets the table while its service runs on`() throws {
        let before = try Replicas(1)
        #expect(try before.services[0].terminate() == .exited(0))
        try before.server.database.query(
            "DROP TABLE heartbeat_api_keys; DELETE FROM heartbeat_audit_migrations WHERE version = 3")
        // A service that may not make the table, and has a key of its own, serves before it and after.
        let role = "service"
        try before.server.database.query(
            """
            CREATE ROLE \(role) LOGIN; GRANT SELECT, INSERT ON heartbeat_audit TO \(role);
            GRANT SELECT ON heartbeat_audit_default, heartbeat_audit_migrations TO \(role)
            """)
        let old = try Replicas(
            1, server: before.server,
            change: [
                "DATABASE_URL": "\(before.conninfo) user=\(role)", "HEARTBEAT_API_KEYS": Service.keyLine,
            ])
        #expect(try old.status(Service.key) == 200)
        let new = try Replicas(1, server: before.server)
        let key = try new.keys("create", "worker")
        try new.until(key, answers: 200)
        #expect(try old.status(Service.key) == 200)
        #expect(try old.status(key) == 401)
        try before.server.database.query("GRANT SELECT ON heartbeat_api_keys TO \(role)")
        try old.until(key, answers: 200)
        #expect(
            try before.server.database.query("SELECT name FROM heartbeat_audit_migrations WHERE version = 3")
                == [["the table of API keys"]])
        for replicas in [old, new] { #expect(try replicas.services[0].terminate() == .exited(0)) }
    }
}
