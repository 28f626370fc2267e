import EventLoop
import PostgreSQL
import TestSupport

/// A statement that inserts one row of that time.
func insertion(at time: String) -> String {
    """
    INSERT INTO heartbeat_audit (id, received_at, request_id, outcome, status, attempts, duration_us, relayed, instance)
    VALUES (gen_random_uuid(), timestamptz '\(time)', 'r', 'recorded', 200, 1, 1, true, 'i')
    """
}

/// Inserts row after row on a connection of its own, as fast as the server takes them.
final class SteadyWriter {
    private let written: Wakeup
    private let ended: Wakeup
    private var count = 0
    private var isFinishing = false
    private var result: Result<Int, PostgreSQLError>?

    init(_ conninfo: String, on loop: EventLoop, at time: String) {
        written = Wakeup(on: loop)
        ended = Wakeup(on: loop)
        loop.spawn { await self.run(conninfo, loop, insertion(at: time)) }
    }

    private func run(_ conninfo: String, _ loop: EventLoop, _ statement: String) async {
        do throws(PostgreSQLError) {
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            while !isFinishing {
                try await insert(statement, on: connection)
                count += 1
                written.signal()
            }
            result = .success(count)
        } catch {
            result = .failure(error)
        }
        written.signal()
        ended.signal()
    }

    /// A row on its way to the default partition, whose day gets its own in that moment, is refused, and must be sent
    /// again like one that met a deadlock.
    private func insert(_ statement: String, on connection: Connection) async throws(PostgreSQLError) {
        let checkViolation = "23514"
        do throws(PostgreSQLError) {
            try await connection.query(statement)
        } catch  where error.sqlState == checkViolation {
            try await connection.query(statement)
        }
    }

    /// Waits for so many more rows, or for the first failure.
    func untilWritten(_ more: Int) async {
        let enough = count + more
        while count < enough, result == nil { await written.wait() }
    }

    /// - Returns: how many rows were written in all.
    /// - Throws: the failure of the first that was not.
    func finish() async throws -> Int {
        isFinishing = true
        while true {
            if let result { return try result.get() }
            await ended.wait()
        }
    }
}

extension PrivatePostgreSQL.Database {
    /// The partitions that have no valid index of tasks which is part of the table's.
    func unindexedPartitions() throws -> [String] {
        try query(
            """
            SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid
            WHERE inhparent = 'heartbeat_audit'::regclass AND NOT EXISTS (
                SELECT FROM pg_index WHERE indrelid = inhrelid AND indisvalid AND indexrelid IN (
                    SELECT relid FROM pg_partition_tree('heartbeat_audit_task') WHERE isleaf))
            """
        ).map { $0[0] }
    }

    /// Whether the index of the table as a whole is valid.
    func hasValidIndex() throws -> Bool {
        try query("SELECT indisvalid FROM pg_index WHERE indexrelid = 'heartbeat_audit_task'::regclass") == [["t"]]
    }
}
