import EventLoop
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

/// 2026-11-20T12:00:00Z.
private let noon: Int64 = 1_795_176_000_000_000
private let day: Int64 = 86_400_000_000

@Suite(.timeLimit(.minutes(10)))
struct MigrationTests {
    @Test func `it makes the table and a partition for each day from yesterday to a week ahead, once`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (first, second) = try EventLoop.run { loop in
            (try await database.migrated(on: loop), try await database.migrated(on: loop))
        }
        #expect(
            first.done
                == ["create table heartbeat_audit"] + (19...27).map { "create partition heartbeat_audit_202611\($0)" })
        #expect(second == Migration.Report())
        #expect(try database.unindexedPartitions() == [])
        #expect(
            try database.query("SELECT version, name FROM heartbeat_audit_migrations ORDER BY 1")
                == [["1", "the audit table"], ["2", "an index of tasks"], ["3", "the table of API keys"]])
    }

    @Test func `the columns are those of the contract`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let columns = try EventLoop.run { loop in
            try await database.migrated(on: loop)
            return try await database.rows(
                """
                SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
                WHERE attrelid = 'heartbeat_audit'::regclass AND attnum > 0 ORDER BY attnum
                """, on: loop
            ).compactMap(\.[0])
        }
        #expect(
            columns == [
                "id uuid", "received_at timestamp with time zone", "request_id text", "trace_id text", "caller text",
                "authentication text", "client_address inet", "task_token_sha256 bytea", "details text",
                "details_length integer", "outcome text", "status smallint", "cancel_requested boolean", "fault text",
                "upstream_request_id text", "attempts smallint", "duration_us integer", "relayed boolean",
                "instance text",
            ])
    }

    @Test func `ten at once make each table once`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let created = try EventLoop.run { loop in
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<10 {
                    group.addTask { try await database.migrated(on: loop).done }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(created.count == 10)
        #expect(Set(created).count == 10)
    }

    @Test func `a day's rows go into its partition whatever the time zone, others into the default one`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (tables, report) = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                try await connection.query("SET timezone = 'Pacific/Auckland'")
                try await database.migrated(on: loop)
                for time in ["2026-11-20 00:00Z", "2026-11-20 23:59:59.999999Z", "2027-01-01 00:00Z"] {
                    try await connection.query(insertion(at: time))
                }
                let tables = try await connection.query(
                    "SELECT tableoid::regclass::text FROM heartbeat_audit ORDER BY received_at")
                return (tables.rows.map(\.[0]), try await database.migrated(on: loop))
            }
        }
        #expect(tables == ["heartbeat_audit_20261120", "heartbeat_audit_20261120", "heartbeat_audit_default"])
        #expect(report == Migration.Report(rowsInDefault: 1))
    }

    @Test func `rows in the default partition move when their day's partition comes`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (report, tables) = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                try await database.migrated(on: loop)
                try await connection.query(insertion(at: "2026-11-28 03:00Z"))
                let report = try await database.migrated(on: loop, now: noon + day)
                let tables = try await connection.query("SELECT tableoid::regclass::text FROM heartbeat_audit")
                return (report, tables.rows)
            }
        }
        #expect(report == Migration.Report(done: ["create partition heartbeat_audit_20261128"]))
        #expect(tables == [["heartbeat_audit_20261128"]])
    }

    @Test func `a new day's partition waits for no transaction that writes rows, nor has it wait`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (report, rows) = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                try await database.migrated(on: loop)
                return try await withConnection(database.connectionString, on: loop) { writer in
                    try await writer.query("BEGIN")
                    try await writer.query(insertion(at: "2026-11-20 12:00Z"))
                    let report = try await database.migrated(on: loop, now: noon + day)
                    try await writer.query(insertion(at: "2026-11-20 12:00Z"))
                    try await writer.query("COMMIT")
                    return (report, try await writer.query("SELECT count(*) FROM heartbeat_audit").rows)
                }
            }
        }
        #expect(report.done == ["create partition heartbeat_audit_20261128"])
        #expect(rows == [["2"]])
    }

    @Test func `rows that a clock put into the past or a spool brought late get their day's partition`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let report = try EventLoop.run { loop in
            try await database.migrated(on: loop)
            for time in ["2026-11-10 00:00Z", "2026-11-10 23:59Z", "2026-10-31 12:00Z", "2099-01-01 00:00Z"] {
                _ = try await database.rows(insertion(at: time), on: loop)
            }
            return try await database.migrated(on: loop)
        }
        #expect(
            report.done == ["create partition heartbeat_audit_20261031", "create partition heartbeat_audit_20261110"])
        #expect(report.rowsInDefault == 1)
        #expect(
            try database.query(
                "SELECT tableoid::regclass, count(*) FROM heartbeat_audit GROUP BY 1 ORDER BY min(received_at)")
                == [
                    ["heartbeat_audit_20261031", "1"], ["heartbeat_audit_20261110", "2"],
                    ["heartbeat_audit_default", "1"],
                ])
    }

    @Test func `a day's partition is made while rows of that day come in`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let written = try EventLoop.run { loop in
            try await database.migrated(on: loop)
            let writer = SteadyWriter(database.connectionString, on: loop, at: "2026-11-28 03:00Z")
            await writer.untilWritten(50)
            try await database.migrated(on: loop, now: noon + day)
            await writer.untilWritten(50)
            return try await writer.finish()
        }
        #expect(
            try database.query("SELECT tableoid::regclass, count(*) FROM heartbeat_audit GROUP BY 1")
                == [["heartbeat_audit_20261128", "\(written)"]])
    }
}
