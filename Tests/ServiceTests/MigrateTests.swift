import Foundation
import TestSupport
import Testing

private let day: TimeInterval = 86_400

/// So many days from today, `YYYY-MM-DD`.
private func date(_ days: Int) -> String {
    String(Date(timeIntervalSinceNow: TimeInterval(days) * day).ISO8601Format().prefix(10))
}

@Suite(.timeLimit(.minutes(10)))
struct MigrateTests {
    private let database: PrivatePostgreSQL.Database

    init() throws {
        database = try PrivatePostgreSQL.shared().createDatabase()
    }

    private func migrate(_ arguments: String..., retention: String? = nil) throws -> ChildProcess.Output {
        var environment = ["DATABASE_URL": database.connectionString]
        environment["HEARTBEAT_AUDIT_RETENTION"] = retention
        return try runFacade(["migrate"] + arguments, environment: environment)
    }

    /// A database of version 0.1, with two days out of line.
    private func makeOld() throws {
        let days = [-40, -39] + Array(-1...7)
        try database.makeFirstAuditTable(days: days.map { (date($0), date($0 + 1)) })
    }

    @Test func `it makes the table once, and says so`() throws {
        let first = try migrate()
        #expect(first.exit == .exited(0))
        #expect(first.standardOutput.hasPrefix("create table heartbeat_audit\ncreate partition heartbeat_audit_20"))
        #expect(first.standardOutput.hasSuffix("\ndone\n"))
        let second = try migrate("up")
        #expect(second.exit == .exited(0))
        #expect(second.standardOutput == "nothing to do\n")
        #expect(try database.query("SELECT count(*) FROM heartbeat_audit") == [["0"]])
    }

    @Test func `it fails where it cannot`() throws {
        let unreachable = ["DATABASE_URL": "postgres://127.0.0.1:1/x"]
        for arguments in [["migrate"], ["migrate", "status"], ["migrate", "up", "--dry-run"]] {
            #expect(try runFacade(arguments, environment: unreachable).exit == .exited(1))
            #expect(try runFacade(arguments).exit == .exited(78))
        }
        let retention = try migrate("status", retention: "12h")
        #expect(retention.exit == .exited(78))
        #expect(retention.standardError.contains("HEARTBEAT_AUDIT_RETENTION"))
    }

    @Test func `status says what there is and what is to be done`() throws {
        let empty = try migrate("status")
        #expect(empty.exit == .exited(1))
        #expect(
            empty.standardOutput.hasPrefix(
                "partitions: none\nrows in the default partition: 0\nto be done: create table heartbeat_audit\n"))
        try makeOld()
        let old = try migrate("status", retention: "30d")
        #expect(old.exit == .exited(1))
        #expect(
            old.standardOutput.hasPrefix(
                """
                partitions: 11, from \(date(-40)) to \(date(7))
                rows in the default partition: 0
                to be done: note version 1, the audit table
                to be done: apply version 3, the table of API keys
                to be done: drop partition heartbeat_audit_
                """))
        #expect(try migrate().exit == .exited(0))
        #expect(
            try migrate("status").standardOutput == """
                version 1, the audit table: applied
                version 2, an index of tasks: applied
                version 3, the table of API keys: applied
                partitions: 11, from \(date(-40)) to \(date(7))
                rows in the default partition: 0

                """)
        #expect(try migrate("status").exit == .exited(0))
    }

    @Test func `partitions are dropped only where it is said how long rows are kept`() throws {
        try makeOld()
        #expect(try !migrate().standardOutput.contains("drop"))
        let dropping = try migrate(retention: "39d")
        #expect(
            dropping.standardOutput
                == "drop partition heartbeat_audit_\(date(-40).replacing("-", with: ""))\ndone\n")
        #expect(try migrate(retention: "36500d").standardOutput == "nothing to do\n")
    }

    @Test(arguments: [["--dry-run"], ["up", "--dry-run"]])
    func `a dry run changes nothing, and its SQL does all of it`(arguments: [String]) throws {
        try makeOld()
        let environment = ["DATABASE_URL": database.connectionString, "HEARTBEAT_AUDIT_RETENTION": "30d"]
        let dry = try runFacade(["migrate"] + arguments, environment: environment)
        #expect(dry.exit == .exited(0))
        let tables = "SELECT count(*) FROM pg_class WHERE relname LIKE 'heartbeat_audit%' AND relkind IN ('r', 'p')"
        #expect(try database.query(tables) == [["13"]])
        let directory = try TemporaryDirectory()
        let script = try directory.write(dry.standardOutput, to: "up.sql")
        let run = try ChildProcess.run(
            "psql", ["-Xq", "-v", "ON_ERROR_STOP=1", "-d", database.connectionString, "-f", script])
        #expect(run.exit == .exited(0), "\(run.standardError)")
        let status = try runFacade(["migrate", "status"], environment: environment)
        #expect(status.exit == .exited(0), "\(status.standardOutput)")
        #expect(try database.query(tables) == [["12"]])
    }

    @Test func `a role that may only insert and select is told so`() throws {
        try makeOld()
        let role = "\(database.name)_reader"
        try database.query(
            "CREATE ROLE \(role) LOGIN; GRANT SELECT, INSERT ON heartbeat_audit, heartbeat_audit_default TO \(role)")
        let refused = try runFacade(
            ["migrate"], environment: ["DATABASE_URL": "\(database.connectionString) user=\(role)"])
        #expect(refused.exit == .exited(1))
        #expect(refused.standardError.hasPrefix("error: this role may not note version 1, the audit table\n"))
    }

    @Test func `a service with the documented rights alone serves heartbeats, and says what it lacks`() throws {
        #expect(try migrate().exit == .exited(0))
        let role = "\(database.name)_service"
        try database.makeServiceRole(role)
        let created = try runFacade(
            ["keys", "create", "worker"], environment: ["DATABASE_URL": database.connectionString])
        let key = String(try #require(created.standardOutput.split(separator: "\n").first))
        let simulator = try SimulatorProcess([])
        let conninfo = "\(database.connectionString) user=\(role)"
        func serve() throws -> ServiceProcess {
            let service = try ServiceProcess(environment: Service.environment(simulator, conninfo))
            let response = try service.client().post(
                "/tasks/\(base64("ok#rights"))/heartbeat", headers: [("Authorization", "Bearer \(key)")])
            #expect(response.status == 200)
            return service
        }
        let service = try serve()
        #expect(try service.terminate() == .exited(0))
        #expect(!service.log.contains("the audit table is not up to date"))
        try database.query("DROP TABLE heartbeat_audit_\(date(1).replacing("-", with: ""))")
        let lacking = try serve()
        try lacking.child.waitForLine(on: .standardOutput) { $0.contains("this role may not change it") }
        #expect(lacking.log.contains("create partition heartbeat_audit_\(date(1).replacing("-", with: ""))"))
        #expect(try lacking.terminate() == .exited(0))
        #expect(try database.query("SELECT count(*) FROM heartbeat_audit") == [["2"]])
    }
}
