package import Heartbeat
package import PostgreSQL

/// Rows of the audit table for the command line: those that fit all that is given.
package struct AuditSearch: Sendable {
    package var task: TaskHash?
    package var caller: String?
    package var outcome: String?
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var since: Int64?

    /// A search may read the whole table.
    private static let statementTimeout: Duration = .seconds(600)
    var rowsPerStatement = 10_000

    package init(task: TaskHash? = nil, caller: String? = nil, outcome: String? = nil) {
        self.task = task
        self.caller = caller
        self.outcome = outcome
    }

    /// The newest rows, up to `limit`, the oldest of them first.
    package func newest(_ limit: Int, on connection: Connection) async throws(PostgreSQLError) -> [AuditRecord] {
        var records: [AuditRecord] = []
        while records.count < limit {
            let wanted = min(limit - records.count, rowsPerStatement)
            var clauses = clauses
            if let position = records.last?.position {
                clauses.add(RecordQuery.parameters(before: position)) { RecordQuery.before(time: $0, id: $0 + 1) }
            }
            let page = try await read(clauses, RecordQuery.order, limit: wanted, on: connection)
            records += page
            if page.count < wanted { break }
        }
        return records.reversed()
    }

    /// Where all rows are, in no order.
    func positions(on connection: Connection) async throws(PostgreSQLError) -> [AuditPosition] {
        let clauses = clauses
        let result = try await connection.query(
            "SELECT id, \(RecordQuery.microseconds("received_at")) FROM \(Schema.table) \(clauses.text)",
            parameters: clauses.parameters, timeout: Self.statementTimeout)
        return result.rows.compactMap { row in
            guard let id = row[0], let time = row[1].flatMap({ Int64($0) }) else { return nil }
            return AuditPosition(receivedAt: time, id: id)
        }
    }

    /// The oldest rows but those with these ids, the oldest first.
    func oldest(
        _ limit: Int, except ids: some Collection<String>, on connection: Connection
    ) async throws(PostgreSQLError) -> [AuditRecord] {
        var clauses = clauses
        clauses.add([.text("{" + ids.joined(separator: ",") + "}")]) {
            "NOT EXISTS (SELECT FROM unnest($\($0)::uuid[]) AS known(id) WHERE known.id = \(Schema.table).id)"
        }
        return try await read(clauses, "ORDER BY received_at, id", limit: limit, on: connection)
    }

    private var clauses: Clauses {
        var clauses = Clauses()
        if let task { clauses.add([.hash(of: task)]) { "task_token_sha256 = $\($0)::bytea" } }
        if let caller { clauses.add([.text(caller)]) { "caller = $\($0)::text" } }
        if let outcome { clauses.add([.text(outcome)]) { "outcome = $\($0)::text" } }
        if let since {
            // An id begins with its row's time, and has an index.
            let id = UUIDv7(milliseconds: UInt64(clamping: since / 1000), random: (0, 0))
            clauses.add([.timestamp(microseconds: since), .text(id.description)]) {
                "received_at >= $\($0)::timestamptz AND id >= $\($0 + 1)::uuid"
            }
        }
        return clauses
    }

    private func read(
        _ clauses: Clauses, _ order: String, limit: Int, on connection: Connection
    ) async throws(PostgreSQLError) -> [AuditRecord] {
        let sql = "SELECT \(RecordQuery.columns) FROM \(Schema.table) \(clauses.text) \(order) LIMIT \(limit)"
        let result = try await connection.query(
            sql, parameters: clauses.parameters, timeout: Self.statementTimeout)
        return result.rows.compactMap(AuditRecord.init)
    }
}

/// The conditions of a statement, and their parameters.
struct Clauses {
    private var conditions: [String] = []
    private(set) var parameters: [Parameter] = []

    /// - Parameter condition: given the number of the first of the parameters.
    mutating func add(_ parameters: [Parameter], _ condition: (Int) -> String) {
        conditions.append(condition(self.parameters.count + 1))
        self.parameters += parameters
    }

    var text: String { conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ") }
}
