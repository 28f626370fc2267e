package import Heartbeat
package import PostgreSQL

/// Tells the rows of a search as they come.
///
/// A row's time is that of its request, and rows are committed in another order. So each look goes back as far as a row
/// may take, and passes over what it has told already. Rows that a spool brings home later than that are not told.
package struct AuditFollower {
    /// The longest call takes 60 seconds (`Prefer: wait=60`); the rest is for its row, and for clocks that differ.
    private static let overlapSeconds = 90

    /// What one look tells at most; the next one goes on.
    private static let rowsPerLook = 10_000

    private var search: AuditSearch
    /// When the rows that are told already came, by their ids; only those that another look would meet.
    private var told: [String: Int64] = [:]

    /// Rows that are there already count as told.
    package init(_ search: AuditSearch, on connection: Connection) async throws(PostgreSQLError) {
        self.search = search
        try await moveOn(on: connection)
        note(try await self.search.positions(on: connection))
    }

    /// Has some rows count as told.
    package mutating func pass(over records: [AuditRecord]) {
        note(records.map(\.position))
    }

    /// Those that have come since, the oldest first.
    package mutating func next(on connection: Connection) async throws(PostgreSQLError) -> [AuditRecord] {
        try await moveOn(on: connection)
        let records = try await search.oldest(Self.rowsPerLook, except: told.keys, on: connection)
        pass(over: records)
        return records
    }

    private mutating func moveOn(on connection: Connection) async throws(PostgreSQLError) {
        // The server's clock: this host's may be any time.
        let since = try await connection.now() - Int64(Self.overlapSeconds) * 1_000_000
        search.since = since
        told = told.filter { $0.value >= since }
    }

    private mutating func note(_ positions: [AuditPosition]) {
        for position in positions { told[position.id] = position.receivedAt }
    }
}

extension Connection {
    /// By the server's clock, in microseconds since 1970-01-01T00:00:00Z.
    package func now() async throws(PostgreSQLError) -> Int64 {
        let result = try await query("SELECT \(RecordQuery.microseconds("clock_timestamp()"))")
        return result.rows.first?.first?.flatMap { Int64($0) } ?? 0
    }
}
