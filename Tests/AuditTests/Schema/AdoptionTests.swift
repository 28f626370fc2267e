import EventLoop
import Heartbeat
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

private let day: Int64 = 86_400_000_000

/// A database as version 0.1 of the service left it.
@Suite(.timeLimit(.minutes(10)))
struct AdoptionTests {
    private let database: PrivatePostgreSQL.Database

    init() throws {
        database = try PrivatePostgreSQL.shared().createDatabase()
        try database.makeFirstAuditTable(days: (19...26).map { ("2026-11-\($0)", "2026-11-\($0 + 1)") })
    }

    @Test func `it is adopted with its rows, and its partitions are indexed`() throws {
        try database.query(insertion(at: "2026-11-20 12:00Z"))
        let (first, second) = try EventLoop.run { [database] loop in
            (try await database.migrated(on: loop), try await database.migrated(on: loop))
        }
        #expect(
            first.done.prefix(3) == [
                "create partition heartbeat_audit_20261127", "note version 1, the audit table",
                "apply version 3, the table of API keys",
            ])
        #expect(first.done.last == "note version 2, an index of tasks")
        #expect(second == Migration.Report())
        #expect(try database.unindexedPartitions() == [])
        #expect(try database.hasValidIndex())
        let versions = try database.query("SELECT version FROM heartbeat_audit_migrations ORDER BY 1")
        #expect(versions == [["1"], ["2"], ["3"]])
        #expect(try database.query("SELECT count(*) FROM heartbeat_audit") == [["1"]])
    }

    @Test func `ten at once do each step once`() throws {
        let done = try EventLoop.run { [database] loop in
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<10 { group.addTask { try await database.migrated(on: loop).done } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(Set(done).count == done.count)
        #expect(done.count == 25)
        #expect(try database.unindexedPartitions() == [])
    }

    @Test func `no row that comes meanwhile is refused`() throws {
        let written = try EventLoop.run { [database] loop in
            let times = ["2026-11-19 23:59Z", "2026-11-20 12:00Z", "2026-11-20 12:00Z", "2026-11-21 00:00Z"]
            let writers = times.map { SteadyWriter(database.connectionString, on: loop, at: $0) }
            for writer in writers { await writer.untilWritten(100) }
            try await database.migrated(on: loop)
            for writer in writers { await writer.untilWritten(100) }
            var written = 0
            for writer in writers { written += try await writer.finish() }
            return written
        }
        #expect(try database.query("SELECT count(*) FROM heartbeat_audit") == [["\(written)"]])
        #expect(try database.unindexedPartitions() == [])
    }

    @Test func `partitions that the old service makes beside the new one are indexed, at any time`() throws {
        // The new one is kept half-way by somebody's snapshot.
        let (old, new) = try EventLoop.run { [database] loop in
            try await withConnection(database.connectionString, on: loop) { other in
                try await other.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
                try await other.query("SELECT 1")
                let migrating = Migrating(database, on: loop)
                await migrating.untilDone("create index heartbeat_audit_task")
                try await database.untilWaiting("CREATE INDEX CONCURRENTLY%", on: loop)
                try await blocking { try database.makeFirstAuditPartition(from: "2026-11-28", to: "2026-11-29") }
                try await other.query("COMMIT")
                _ = try await migrating.result()
            }
            try await blocking { try database.makeFirstAuditPartition(from: "2026-11-29", to: "2026-11-30") }
            return (try database.unindexedPartitions(), try await database.migrated(on: loop))
        }
        #expect(old == [])
        #expect(new == Migration.Report())
        #expect(try database.hasValidIndex())
    }

    @Test func `one that the old service makes at the same moment is left to it`() throws {
        let report = try EventLoop.run { [database] loop in
            try await withConnection(database.connectionString, on: loop) { old in
                try await old.query("BEGIN")
                try await old.query("SELECT pg_advisory_xact_lock(5216694953126363137)")
                try await old.query("CREATE TABLE heartbeat_audit_20261127 (LIKE heartbeat_audit INCLUDING ALL)")
                let migrating = Migrating(database, on: loop)
                try await database.untilWaiting("CREATE TABLE heartbeat_audit_20261127%", on: loop)
                try await old.query(
                    """
                    ALTER TABLE heartbeat_audit ATTACH PARTITION heartbeat_audit_20261127
                    FOR VALUES FROM (timestamptz '2026-11-27Z') TO (timestamptz '2026-11-28Z')
                    """)
                try await old.query("COMMIT")
                return try await migrating.result()
            }
        }
        #expect(!report.done.contains("create partition heartbeat_audit_20261127"))
        #expect(try database.unindexedPartitions() == [])
    }

    @Test func `rows may be written before its indexes are complete`() throws {
        let done = try EventLoop.run { [database] loop in
            try await withConnection(database.connectionString, on: loop) { other in
                try await other.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
                try await other.query("SELECT 1")
                let ready = Wakeup(on: loop)
                let events = Events<PartitionKeeper.Event>(on: loop)
                let keeper = PartitionKeeper(
                    conninfo: database.connectionString, retention: .seconds(86_400), on: loop,
                    now: { AuditRow.noon }, log: events.add)
                keeper.start { ready.signal() }
                await ready.wait()
                let done = events.all
                try await other.query("COMMIT")
                await events.wait { if case .changed = $0 { true } else { false } }
                keeper.stop()
                return done
            }
        }
        #expect(done == [])
        #expect(try database.unindexedPartitions() == [])
    }

    @Test func `one that is cut short in the middle of an index is taken up by the next`() throws {
        let invalid =
            "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid ORDER BY indexrelid::regclass::text"
        try EventLoop.run { [database] loop in
            try await withConnection(database.connectionString, on: loop) { other in
                try await other.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
                try await other.query("SELECT 1")
                let migrating = Migrating(database, on: loop)
                try await database.terminate("CREATE INDEX CONCURRENTLY%", on: loop)
                await #expect(throws: PostgreSQLError.self) { try await migrating.result() }
                try await other.query("COMMIT")
            }
        }
        #expect(
            try database.query(invalid) == [["heartbeat_audit_20261119_task"], ["heartbeat_audit_task"]])
        let report = try EventLoop.run { [database] loop in try await database.migrated(on: loop) }
        #expect(report.done.first == "drop invalid index heartbeat_audit_20261119_task")
        #expect(try database.query(invalid) == [])
        #expect(try database.unindexedPartitions() == [])
    }
}
