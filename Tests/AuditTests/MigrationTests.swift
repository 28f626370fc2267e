import EventLoop
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

/// 2026-11-20T12:00:00Z.
private let noon: Int64 = 1_795_176_000_000_000
private let day: Int64 = 86_400_000_000

private let insertOne = """
    INSERT INTO heartbeat_audit (id, received_at, request_id, outcome, status, attempts, duration_us, relayed, instance)
    VALUES (gen_random_uuid(), $1::timestamptz, 'r', 'recorded', 200, 1, 1, true, 'i')
    """

@Suite(.timeLimit(.minutes(10)))
struct MigrationTests {
    @Test func `it makes the table and a partition for each day from yesterday to a week ahead, once`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (first, second) = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                let first = try await Migration.run(on: connection, now: noon)
                return (first, try await Migration.run(on: connection, now: noon))
            }
        }
        #expect(
            first.created == ["heartbeat_audit", "heartbeat_audit_default", "heartbeat_audit_20261119"]
                + (20...27).map { "heartbeat_audit_202611\($0)" })
        #expect(second == Migration.Report())
    }

    @Test func `the columns are those of the contract`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let columns = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                _ = try await Migration.run(on: connection, now: noon)
                return try await connection.query(
                    """
                    SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
                    WHERE attrelid = 'heartbeat_audit'::regclass AND attnum > 0 ORDER BY attnum
                    """
                ).rows.compactMap(\.[0])
            }
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
                    group.addTask {
                        try await withConnection(database.connectionString, on: loop) { connection in
                            try await Migration.run(on: connection, now: noon).created
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(created.count == 11)
        #expect(Set(created).count == 11)
    }

    @Test func `a day's rows go into its partition whatever the time zone, others into the default one`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (tables, report) = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                try await connection.query("SET timezone = 'Pacific/Auckland'")
                _ = try await Migration.run(on: connection, now: noon)
                for time in ["2026-11-20 00:00Z", "2026-11-20 23:59:59.999999Z", "2027-01-01 00:00Z"] {
                    try await connection.query(insertOne, parameters: [.text(time)])
                }
                let tables = try await connection.query(
                    "SELECT tableoid::regclass::text FROM heartbeat_audit ORDER BY received_at")
                return (tables.rows.map(\.[0]), try await Migration.run(on: connection, now: noon))
            }
        }
        #expect(tables == ["heartbeat_audit_20261120", "heartbeat_audit_20261120", "heartbeat_audit_default"])
        #expect(report == Migration.Report(created: [], defaultPartitionHasRows: true))
    }

    @Test func `rows in the default partition move when their day's partition comes`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (report, tables) = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                _ = try await Migration.run(on: connection, now: noon)
                try await connection.query(insertOne, parameters: [.text("2026-11-28 03:00Z")])
                let report = try await Migration.run(on: connection, now: noon + day)
                let tables = try await connection.query("SELECT tableoid::regclass::text FROM heartbeat_audit")
                return (report, tables.rows)
            }
        }
        #expect(report == Migration.Report(created: ["heartbeat_audit_20261128"], defaultPartitionHasRows: false))
        #expect(tables == [["heartbeat_audit_20261128"]])
    }

    @Test func `a new day's partition waits for no transaction that writes rows, nor has it wait`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (report, rows) = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                _ = try await Migration.run(on: connection, now: noon)
                return try await withConnection(database.connectionString, on: loop) { writer in
                    try await writer.query("BEGIN")
                    try await writer.query(insertOne, parameters: [.text("2026-11-20 12:00Z")])
                    let report = try await Migration.run(on: connection, now: noon + day)
                    try await writer.query(insertOne, parameters: [.text("2026-11-20 12:00Z")])
                    try await writer.query("COMMIT")
                    return (report, try await writer.query("SELECT count(*) FROM heartbeat_audit").rows)
                }
            }
        }
        #expect(report.created == ["heartbeat_audit_20261128"])
        #expect(rows == [["2"]])
    }

    @Test func `where nothing is missing the right to read suffices`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (report, error) = try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { connection in
                _ = try await Migration.run(on: connection, now: noon)
                try await connection.query("CREATE ROLE \(database.name)_reader")
                try await connection.query("GRANT SELECT ON ALL TABLES IN SCHEMA public TO \(database.name)_reader")
                try await connection.query("SET ROLE \(database.name)_reader")
                let report = try await Migration.run(on: connection, now: noon)
                do throws(PostgreSQLError) {
                    _ = try await Migration.run(on: connection, now: noon + day)
                    return (report, nil as PostgreSQLError?)
                } catch {
                    // The transaction has been rolled back.
                    try await connection.query("SELECT 1")
                    return (report, error)
                }
            }
        }
        #expect(report.created.isEmpty)
        #expect(error?.sqlState == "42501")
    }
}

@Suite(.timeLimit(.minutes(10)))
struct PartitionKeeperTests {
    @Test func `it waits for a server that is not there yet, and tells of it once`() throws {
        let server = try PrivatePostgreSQL()
        try server.stop()
        let conninfo = server.database.tcpConnectionString
        let events = try EventLoop.run { loop in
            let log = Events<PartitionKeeper.Event>(on: loop)
            let keeper = PartitionKeeper(conninfo: conninfo, on: loop, now: { noon }, log: log.add)
            keeper.start()
            await log.wait { if case .failed = $0 { true } else { false } }
            try await blocking { try server.start() }
            await log.wait { if case .created = $0 { true } else { false } }
            keeper.stop()
            return log.all
        }
        try #require(events.count == 2)
        guard case .created(let tables) = events[1] else { return }
        #expect(tables.count == 11)
    }
}
