import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ServerLimitTests {
    /// Whoever holds the whole table.
    private static let lock = """
        FROM pg_locks
        WHERE mode = 'AccessExclusiveLock' AND granted AND relation = 'heartbeat_audit'::regclass
        """

    @Test func `a statement_timeout fails the rows, and the connection stays`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        try database.query("ALTER DATABASE \(database.name) SET statement_timeout = '1s'")
        let stage = try Stage(database.tcpConnectionString)
        #expect(try stage.heartbeat("before").status == 200)
        let sessions = try database.serviceSessions()
        let holder = try ChildProcess(
            "psql",
            [
                "-XAtq", database.connectionString, "-c",
                "SET statement_timeout = 0; BEGIN; LOCK heartbeat_audit; SELECT 'held'", "-c", "SELECT pg_sleep(3600)",
            ])
        try eventually("the table is locked") {
            try database.query("SELECT count(*) \(Self.lock)") == [["1"]]
        }
        let refused = try stage.heartbeat("locked")
        #expect(refused.status == 503)
        #expect(refused.text.contains("\"code\":\"audit_unavailable\""))
        try stage.service.child.waitForLine(on: .standardOutput) { $0.contains("statement timeout") }
        try database.query("SELECT pg_terminate_backend(pid) \(Self.lock)")
        _ = try holder.waitForExit()
        try stage.service.wait(for: "/readyz", toAnswer: 200)
        #expect(try stage.heartbeat("after").status == 200)
        #expect(try database.serviceSessions() == sessions)
        // The statement that was running when the row's time was up may have got through after all.
        var rows = try database.auditRows()
        #expect(rows.removeValue(forKey: "locked") ?? 0 <= 1)
        #expect(rows == ["before": 1, "after": 1])
    }

    @Test func `an idle_session_timeout fails no row`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        try database.query("ALTER DATABASE \(database.name) SET idle_session_timeout = '50ms'")
        try database.query("ALTER DATABASE \(database.name) SET idle_in_transaction_session_timeout = '1s'")
        let stage = try Stage(database.tcpConnectionString)
        var sessions = try database.serviceSessions()
        for number in 0..<8 {
            // As often as may be just when the server ends a session.
            #expect(try stage.heartbeat("beat-\(number)").status == 200)
            let last = sessions
            try eventually("the session is another") {
                sessions = try database.serviceSessions()
                return sessions != last
            }
        }
        let rows = try database.auditRows()
        #expect(rows.count == 8 && rows.values.allSatisfy { $0 == 1 })
        try stage.service.child.waitForLine(on: .standardOutput) { $0.contains("57P05") }
    }
}
