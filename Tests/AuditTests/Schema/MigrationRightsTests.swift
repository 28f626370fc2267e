import EventLoop
import Heartbeat
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

private let day: Int64 = 86_400_000_000

@Suite(.timeLimit(.minutes(10)))
struct MigrationRightsTests {
    private let database: PrivatePostgreSQL.Database
    private let role: String

    init() throws {
        database = try PrivatePostgreSQL.shared().createDatabase()
        role = "\(database.name)_service"
    }

    private var conninfo: String { "\(database.connectionString) user=\(role)" }

    @Test func `a role that may only insert and select finds everything, and tells of what is late`() throws {
        let reports = try EventLoop.run { [database, conninfo, role] loop in
            try await database.migrated(on: loop)
            try await blocking { try database.makeServiceRole(role) }
            let migration = Migration(conninfo, on: loop)
            var reports: [Migration.Report] = []
            for days in [0, 1, 6] as [Int64] {
                reports.append(
                    try await migration.run(Retention(now: AuditRow.noon + days * day, retention: nil)))
            }
            _ = try await withConnection(conninfo, on: loop) { connection in
                try await connection.query(insertion(at: "2026-11-20 12:00Z"))
            }
            return reports
        }
        #expect(reports[0] == Migration.Report())
        #expect(reports[1] == Migration.Report(lacking: ["create partition heartbeat_audit_20261128"]))
        #expect(reports[2].lacking.count == 6)
        #expect(reports[2].overdue == ["create partition heartbeat_audit_20261128"])
        #expect(reports.allSatisfy { $0.done == [] })
    }

    @Test func `an owner that is no superuser may do it all`() throws {
        try database.query("CREATE ROLE \(role) LOGIN; GRANT CREATE ON SCHEMA public TO \(role)")
        let report = try EventLoop.run { [conninfo] loop in
            let migration = Migration(conninfo, on: loop)
            _ = try await migration.run(Retention(now: AuditRow.noon, retention: nil))
            return try await migration.run(Retention(now: AuditRow.noon + 2 * day, retention: .seconds(86_400)))
        }
        #expect(report.done.count == 4)
        #expect(report.lacking == [])
    }

    @Test func `a role that may make no table tells of it`() throws {
        try database.query("CREATE ROLE \(role) LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        let events = try EventLoop.run { [conninfo] loop in
            let events = Events<PartitionKeeper.Event>(on: loop)
            let ready = Wakeup(on: loop)
            let keeper = PartitionKeeper(
                conninfo: conninfo, retention: .seconds(86_400), on: loop, now: { AuditRow.noon }, log: events.add)
            keeper.start { ready.signal() }
            await ready.wait()
            keeper.stop()
            return events.all
        }
        guard case .overdue(let steps) = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(steps.first == "create table heartbeat_audit")
    }
}
