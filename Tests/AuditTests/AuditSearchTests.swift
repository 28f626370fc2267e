import EventLoop
import Heartbeat
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

/// Runs `body` with a connection to a migrated database of its own.
private func connected<Value: Sendable>(
    _ body: @escaping @Sendable (Connection, PrivatePostgreSQL.Database) async throws -> Value
) throws -> Value {
    let database = try PrivatePostgreSQL.shared().createDatabase()
    return try EventLoop.run { loop in
        try await database.migrate(on: loop)
        return try await withConnection(database.connectionString, on: loop) { try await body($0, database) }
    }
}

@Suite(.timeLimit(.minutes(10)))
struct AuditSearchTests {
    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var search = AuditSearch()
        var since: Int64?
        var limit = 100
        let found: [String]
    }

    static let rows = [
        Row(testDescription: "everything", found: ["0", "1", "2", "3", "4", "5"]),
        Row(testDescription: "the newest", limit: 2, found: ["4", "5"]),
        Row(
            testDescription: "a task", search: AuditSearch(task: TaskHash(of: "t")),
            found: ["0", "2", "4"]),
        Row(testDescription: "a caller", search: AuditSearch(caller: "b"), found: ["3", "4", "5"]),
        Row(testDescription: "nobody", search: AuditSearch(caller: "b'; --"), found: []),
        Row(testDescription: "an outcome", search: AuditSearch(outcome: "unknown_task"), found: ["5"]),
        Row(testDescription: "a time", since: AuditRow.noon + 4, found: ["4", "5"]),
        Row(
            testDescription: "all of them",
            search: AuditSearch(task: TaskHash(of: "t"), caller: "b", outcome: "recorded"),
            since: AuditRow.noon, found: ["4"]),
    ]

    @Test(arguments: rows) func `rows that fit all that is given, the oldest first`(row: Row) throws {
        let found = try connected { connection, _ in
            try await connection.insert(
                (0..<6).map { number in
                    var stored = storedRow(
                        "\(number)", token: number % 2 == 0 ? "t" : "u", caller: number < 3 ? "a" : "b",
                        after: Int64(number))
                    if number == 5 { stored.outcome = "unknown_task" }
                    return stored
                })
            var search = row.search
            search.since = row.since
            return try await search.newest(row.limit, on: connection).map(\.requestID)
        }
        #expect(found == row.found)
    }

    @Test func `more rows than one statement reads are read`() throws {
        let newest = try connected { connection, _ in
            try await connection.query(
                """
                INSERT INTO heartbeat_audit (id, received_at, request_id, outcome, status, attempts, duration_us,
                    relayed, instance)
                SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
                    timestamptz '2026-11-20 12:00:00Z' + n / 10 * interval '1 s', n, 'recorded', 200, 1, 1, true, 'i'
                FROM generate_series(0, 2499) AS n
                """)
            var search = AuditSearch()
            search.rowsPerStatement = 1000
            return try await search.newest(2200, on: connection).compactMap { Int($0.requestID) }
        }
        #expect(newest == Array(300..<2500))
    }
}

@Suite(.timeLimit(.minutes(10)))
struct AuditFollowerTests {
    @Test func `each row that comes is told once, in whatever order rows are committed`() throws {
        let told = try connected { connection, database in
            let now = try await connection.now()
            func come(_ id: Int, secondsAgo: Int64, caller: String = "a") async throws {
                var row = storedRow("\(id)", caller: caller)
                row.receivedAt = now - secondsAgo * 1_000_000
                try await connection.insert(row, id)
            }
            try await come(1, secondsAgo: 50)
            var follower = try await AuditFollower(AuditSearch(caller: "a"), on: connection)
            try await come(2, secondsAgo: 1)
            var told = [try await follower.next(on: connection)]
            // Older than one that was told, as when its call took long.
            try await come(3, secondsAgo: 60)
            try await come(4, secondsAgo: 0)
            try await come(5, secondsAgo: 0, caller: "b")
            told.append(try await follower.next(on: connection))
            told.append(try await follower.next(on: connection))
            try await come(6, secondsAgo: 0)
            follower.pass(over: try await AuditSearch().newest(1, on: connection))
            told.append(try await follower.next(on: connection))
            return told.map { $0.map(\.requestID) }
        }
        #expect(told == [["2"], ["3", "4"], [], []])
    }
}

@Suite(.timeLimit(.minutes(10)))
struct AuditErasureTests {
    private static let day: Int64 = 86_400_000_000

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var caller: String?
        var before: Int64?
        let left: [String]
    }

    static let rows = [
        Row(testDescription: "a caller's", caller: "a", left: ["1", "3", "5"]),
        Row(testDescription: "before a time", before: AuditRow.noon + 3 * day, left: ["3", "4", "5"]),
        Row(testDescription: "both", caller: "b", before: AuditRow.noon + 3 * day + 1, left: ["0", "2", "4", "5"]),
        Row(testDescription: "nobody's", caller: "c", left: ["0", "1", "2", "3", "4", "5"]),
        Row(testDescription: "all", before: .max / 2, left: []),
    ]

    @Test(arguments: rows) func `rows that fit all that is given go, and no others`(row: Row) throws {
        let (count, erased, left) = try connected { connection, _ in
            try await connection.insert(
                (0..<6).map { storedRow("\($0)", caller: $0 % 2 == 0 ? "a" : "b", after: Int64($0) * Self.day) })
            let erasure = AuditErasure(caller: row.caller, before: row.before)
            return (
                try await erasure.count(on: connection), try await erasure.run(on: connection),
                try await connection.query("SELECT request_id FROM heartbeat_audit ORDER BY 1").rows.map { $0[0] }
            )
        }
        #expect(left == row.left)
        #expect(erased == 6 - row.left.count)
        #expect(count == erased)
    }

    @Test func `a table larger than one statement deletes from is gone through to its end`() throws {
        let (blocks, statements, left) = try connected { connection, _ in
            try await connection.query(
                """
                INSERT INTO heartbeat_audit (id, received_at, request_id, caller, details, outcome, status, attempts,
                    duration_us, relayed, instance)
                SELECT gen_random_uuid(), timestamptz '2026-11-20 12:00:00Z', n,
                    CASE n % 10 WHEN 0 THEN 'b' ELSE 'a' END,
                    repeat(md5(n::text), 30), 'recorded', 200, 1, 1, true, 'i'
                FROM generate_series(1, 500) AS n
                """)
            // A transaction each: those of the rows tell the statements apart.
            try await connection.query("CREATE TABLE gone (transaction xid8)")
            try await connection.query(
                """
                CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN INSERT INTO gone VALUES (pg_current_xact_id()); RETURN old; END $$
                """)
            try await connection.query(
                "CREATE TRIGGER note BEFORE DELETE ON heartbeat_audit_20261120 FOR EACH ROW EXECUTE FUNCTION note()")
            var erasure = AuditErasure(caller: "a", before: nil)
            erasure.blocksPerStatement = 10
            #expect(try await erasure.run(on: connection) == 450)
            func number(_ sql: String) async throws -> Int? {
                try await connection.query(sql).rows.first?.first?.flatMap { Int($0) }
            }
            return (
                try await number(
                    "SELECT pg_relation_size('heartbeat_audit_20261120') / current_setting('block_size')::int"),
                try await number("SELECT count(DISTINCT transaction::text) FROM gone"),
                try await number("SELECT count(*) FROM heartbeat_audit WHERE caller = 'b'")
            )
        }
        let whole = try #require(blocks)
        #expect(whole > 50)
        #expect(statements == (whole + 9) / 10)
        #expect(left == 50)
    }
}
