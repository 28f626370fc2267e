package import PostgreSQL

/// Brings the audit table and its partitions to what this version needs.
package enum Migration {
    /// Any constant that no other application of the same database is likely to use.
    private static let advisoryLockKey = "5216694953126363137"
    /// While another replica does the same, or its transaction is slow to end.
    private static let advisoryLockTimeout: Duration = .seconds(60)
    /// Below `Connection.statementTimeout`: attaching a partition waits for whoever reads the default one, and
    /// meanwhile new readers wait for it.
    private static let tableLockTimeoutMilliseconds = 5000
    private static let daysBehind: Int64 = 1
    private static let daysAhead: Int64 = 7

    package struct Report: Sendable, Equatable {
        /// The tables made, by name; empty where nothing was missing.
        package var created: [String] = []
        /// Whether rows lie in the default partition: their days' partitions were missing when they came.
        package var defaultPartitionHasRows = false
    }

    /// Makes what is missing, in one transaction; safe to be run by many at once. Where nothing is missing it takes no
    /// lock and needs no right but to read.
    /// - Parameter now: microseconds since 1970-01-01T00:00:00Z.
    package static func run(on connection: Connection, now: Int64) async throws(PostgreSQLError) -> Report {
        var report = Report()
        let today = UTCDay(of: now)
        if try await !missing(on: connection, today: today).isEmpty {
            report.created = try await createMissing(on: connection, today: today)
        }
        let inDefault = try await connection.query(Schema.defaultPartitionHasRows)
        report.defaultPartitionHasRows = inDefault.rows == [["t"]]
        return report
    }

    private static func createMissing(
        on connection: Connection, today: UTCDay
    ) async throws(PostgreSQLError) -> [String] {
        // Each statement is to see what the one that held the lock before has made.
        try await connection.query("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        do throws(PostgreSQLError) {
            try await connection.query("SELECT pg_advisory_xact_lock(\(advisoryLockKey))", timeout: advisoryLockTimeout)
            try await connection.query("SET LOCAL lock_timeout = \(tableLockTimeoutMilliseconds)")
            let missing = try await missing(on: connection, today: today)
            for statement in missing.flatMap(\.statements) {
                try await connection.query(statement)
            }
            try await connection.query("COMMIT")
            return missing.map(\.name)
        } catch {
            // Its own failure changes nothing: then the connection is lost, and the transaction with it.
            _ = try? await connection.query("ROLLBACK")
            throw error
        }
    }

    private struct Table {
        let name: String
        let statements: [String]
    }

    private static func missing(on connection: Connection, today: UTCDay) async throws(PostgreSQLError) -> [Table] {
        let partitions = try await connection.query(Schema.partitionNames).rows.map(\.first)
        let days = (-daysBehind...daysAhead).map { today.advanced(by: $0) }
        var wanted = [Table(name: Schema.defaultPartition, statements: [Schema.createDefaultPartition])]
        wanted += days.map { Table(name: Schema.partition(of: $0), statements: Schema.createPartition(of: $0)) }
        let missing = wanted.filter { !partitions.contains($0.name) }
        if !partitions.isEmpty { return missing }
        return [Table(name: Schema.table, statements: [Schema.createTable])] + missing
    }
}
