package import PostgreSQL

/// Deletes rows that fit all that is given, for those who must.
package struct AuditErasure: Sendable {
    private let caller: String?
    private let before: Int64?

    /// What one transaction deletes at most: 8 MB of the table.
    var blocksPerStatement = 1000
    /// Reading the whole table may take so long.
    private static let countTimeout: Duration = .seconds(600)
    private static let deleteTimeout: Duration = .seconds(60)

    /// - Parameters:
    ///   - caller: whose rows go; nil: everybody's.
    ///   - before: rows from this time on stay, in microseconds since 1970-01-01T00:00:00Z; nil: none does.
    package init(caller: String?, before: Int64?) {
        self.caller = caller
        self.before = before
    }

    /// How many rows it would delete now.
    package func count(on connection: Connection) async throws(PostgreSQLError) -> Int {
        let clauses = clauses
        let result = try await connection.query(
            "SELECT count(*) FROM \(Schema.table) \(clauses.text)", parameters: clauses.parameters,
            timeout: Self.countTimeout)
        return result.rows.first?.first?.flatMap { Int($0) } ?? 0
    }

    /// Deletes what is there at the start; what was deleted stays so where it fails.
    ///
    /// It goes through each partition's blocks once, so that it need not look again at what it has deleted already.
    /// - Returns: how many rows it deleted.
    package func run(on connection: Connection) async throws(PostgreSQLError) -> Int {
        let partitions = try await connection.query(
            """
            SELECT relid::regclass, pg_relation_size(relid) / current_setting('block_size')::bigint
            FROM pg_partition_tree('\(Schema.table)') WHERE isleaf
            """)
        var deleted = 0
        for partition in partitions.rows {
            guard let name = partition[0], let blocks = partition[1].flatMap({ Int($0) }) else { continue }
            for first in stride(from: 0, to: blocks, by: blocksPerStatement) {
                deleted += try await delete(from: name, first..<first + blocksPerStatement, on: connection)
            }
        }
        return deleted
    }

    /// - Parameter partition: a quoted identifier.
    private func delete(
        from partition: String, _ blocks: Range<Int>, on connection: Connection
    ) async throws(PostgreSQLError) -> Int {
        var clauses = clauses
        clauses.add([.text("(\(blocks.lowerBound),0)"), .text("(\(blocks.upperBound),0)")]) {
            "ctid >= $\($0)::tid AND ctid < $\($0 + 1)::tid"
        }
        return try await connection.query(
            "DELETE FROM \(partition) \(clauses.text)", parameters: clauses.parameters, timeout: Self.deleteTimeout
        ).affectedRows
    }

    private var clauses: Clauses {
        var clauses = Clauses()
        if let caller { clauses.add([.text(caller)]) { "caller = $\($0)::text" } }
        if let before { clauses.add([.timestamp(microseconds: before)]) { "received_at < $\($0)::timestamptz" } }
        return clauses
    }
}
