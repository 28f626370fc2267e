import EventLoop
import Heartbeat
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

private let day: Int64 = 86_400_000_000
private let twoDays = Duration.seconds(2 * 86_400)

@Suite(.timeLimit(.minutes(10)))
struct RetentionTests {
    private let database: PrivatePostgreSQL.Database

    init() throws {
        database = try PrivatePostgreSQL.shared().createDatabase()
    }

    private func days() throws -> [String] {
        try database.query(
            """
            SELECT right(inhrelid::regclass::text, 4) FROM pg_inherits
            WHERE inhparent = 'heartbeat_audit'::regclass AND inhrelid::regclass::text NOT LIKE '%default' ORDER BY 1
            """
        ).map { $0[0] }
    }

    @Test func `as midnights pass, partitions come and go with their rows`() throws {
        // 2026-11-20T12:00Z, then the moments around the midnight that follows, then midday after midday.
        let midnight = AuditRow.noon - AuditRow.noon % day + day
        let times = [midnight - day / 2, midnight - 1, midnight, midnight + day / 2, midnight + 3 * day / 2]
        var seen: [[String]] = []
        for time in times {
            try EventLoop.run { [database] loop in
                try await database.migrated(on: loop, now: time, retention: twoDays)
                _ = try await database.rows(
                    insertion(at: "1970-01-01Z").replacing(
                        "timestamptz '1970-01-01Z'", with: "timestamptz 'epoch' + \(time) * interval '1 microsecond'"),
                    on: loop)
            }
            seen.append(try days())
        }
        #expect(seen[0] == (1119...1127).map { "\($0)" })
        #expect(seen[1] == seen[0])
        #expect(seen[2] == (1119...1128).map { "\($0)" })
        #expect(seen[3] == seen[2])
        // The 19th ended two days before the 22nd begins.
        #expect(seen[4] == (1120...1129).map { "\($0)" })
        #expect(
            try database.query(
                "SELECT tableoid::regclass, count(*) FROM heartbeat_audit GROUP BY 1 ORDER BY min(received_at)")
                == [
                    ["heartbeat_audit_20261120", "2"], ["heartbeat_audit_20261121", "2"],
                    ["heartbeat_audit_20261122", "1"],
                ])
        let later = try EventLoop.run { [database] loop in
            try await database.migrated(on: loop, now: midnight + 7 * day / 2, retention: twoDays)
        }
        #expect(
            later.done == [
                "create partition heartbeat_audit_20261130", "create partition heartbeat_audit_20261201",
                "drop partition heartbeat_audit_20261120", "drop partition heartbeat_audit_20261121",
            ])
        #expect(try database.query("SELECT count(*) FROM heartbeat_audit") == [["1"]])
    }

    @Test func `rows in the default partition go too`() throws {
        let report = try EventLoop.run { [database] loop in
            try await database.migrated(on: loop)
            for time in ["2026-11-16 23:59Z", "2026-11-18 00:00Z", "2099-01-01 00:00Z"] {
                _ = try await database.rows(insertion(at: time), on: loop)
            }
            return try await database.migrated(on: loop, retention: twoDays)
        }
        #expect(
            report.done == [
                "create partition heartbeat_audit_20261118",
                "delete rows before 2026-11-18 from heartbeat_audit_default",
            ])
        #expect(
            try database.query("SELECT received_at::date FROM heartbeat_audit ORDER BY 1")
                == [["2026-11-18"], ["2099-01-01"]])
    }

    @Test func `no row is refused while partitions go`() throws {
        let written = try EventLoop.run { [database] loop in
            try await database.migrated(on: loop)
            let writers = (0..<4).map { _ in
                SteadyWriter(database.connectionString, on: loop, at: "2026-11-27 12:00Z")
            }
            for writer in writers { await writer.untilWritten(100) }
            try await database.migrated(on: loop, now: AuditRow.noon + 7 * day, retention: .seconds(86_400))
            for writer in writers { await writer.untilWritten(100) }
            var written = 0
            for writer in writers { written += try await writer.finish() }
            return written
        }
        #expect(try days().first == "1126")
        #expect(try database.query("SELECT count(*) FROM heartbeat_audit") == [["\(written)"]])
    }

    @Test func `a partition that somebody reads stays, without holding up rows, and goes the next time`() throws {
        let error = try EventLoop.run { [database] loop in
            try await database.migrated(on: loop)
            try await database.migrated(on: loop, now: AuditRow.noon + 2 * day)
            return try await withConnection(database.connectionString, on: loop) { reader in
                try await reader.query("BEGIN")
                try await reader.query("SELECT count(*) FROM heartbeat_audit")
                let writer = SteadyWriter(database.connectionString, on: loop, at: "2026-11-22 12:00Z")
                await writer.untilWritten(1)
                do throws(PostgreSQLError) {
                    _ = try await Migration(database.connectionString, on: loop).run(
                        Retention(now: AuditRow.noon + 2 * day, retention: .seconds(86_400)))
                    return nil as PostgreSQLError?
                } catch {
                    await writer.untilWritten(1)
                    _ = try await writer.finish()
                    return error
                }
            }
        }
        #expect(error?.sqlState == "55P03")
        #expect(error?.message.hasPrefix("drop partition heartbeat_audit_20261119: ") == true)
        #expect(try days().first == "1119")
        try EventLoop.run { [database] loop in
            _ = try await database.migrated(on: loop, now: AuditRow.noon + 2 * day, retention: .seconds(86_400))
        }
        #expect(try days().first == "1121")
    }

    @Test func `one that is killed while it drops leaves nothing that the next does not clear away`() throws {
        try EventLoop.run { [database] loop in
            try await database.migrated(on: loop)
            try await database.migrated(on: loop, now: AuditRow.noon + 2 * day)
            try await withConnection(database.connectionString, on: loop) { reader in
                try await reader.query("BEGIN")
                try await reader.query("SELECT count(*) FROM heartbeat_audit")
                let migrating = Migrating(
                    database, on: loop, now: AuditRow.noon + 2 * day, retention: .seconds(86_400))
                try await database.terminate("DROP TABLE%", on: loop)
                await #expect(throws: PostgreSQLError.self) { try await migrating.result() }
            }
            try await database.migrated(on: loop, now: AuditRow.noon + 2 * day, retention: .seconds(86_400))
        }
        #expect(try days() == (1121...1129).map { "\($0)" })
        let left = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'heartbeat_audit_2026%'"
        #expect(try database.query(left) == [["9"]])
    }
}
