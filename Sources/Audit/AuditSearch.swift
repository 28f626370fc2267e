package import Heartbeat
package import PostgreSQL

/// Rows of the audit table for the command line: those that fit all that is given.
package struct AuditSearch: Sendable {
    package var task: TaskReference?
    package var caller: String?
    package var outcome: String?
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var since: Int64?

    /// A search may read the whole table.
    private static let statementTimeout: Duration = .seconds(600)
    private static let rowsPerStatement = 1000

    package init(task: TaskReference? = nil, caller: String? = nil, outcome: String? = nil) {
        self.task = task
        self.caller = caller
        self.outcome = outcome
    }

    /// The newest rows, up to `limit`, the oldest of them first.
    package func newest(_ limit: Int, on connection: Connection) async throws(PostgreSQLError) -> [AuditRecord] {
        var records: [AuditRecord] = []
        while records.count < limit {
            let wanted = min(limit - records.count, Self.rowsPerStatement)
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

    /// All rows but those with these ids, the oldest first.
    func all(
        except ids: some Collection<String>, on connection: Connection
    ) async throws(PostgreSQLError) -> [AuditRecord] {
        var search = clauses
        search.add([.text("{" + ids.joined(separator: ",") + "}")]) {
            "NOT EXISTS (SELECT FROM unnest($\($0)::uuid[]) AS known(id) WHERE known.id = \(Schema.table).id)"
        }
        var records: [AuditRecord] = []
        while true {
            var clauses = search
            if let position = records.last?.position {
                clauses.add(RecordQuery.parameters(before: position)) {
                    "received_at >= $\($0)::timestamptz AND (received_at, id) > ($\($0)::timestamptz, $\($0 + 1)::uuid)"
                }
            }
            let page = try await read(
                clauses, "ORDER BY received_at, id", limit: Self.rowsPerStatement, on: connection)
            records += page
            if page.count < Self.rowsPerStatement { return records }
        }
    }

    private var clauses: Clauses {
        var clauses = Clauses()
        if let task { clauses.add([.hash(of: task)]) { "task_token_sha256 = $\($0)::bytea" } }
        if let caller { clauses.add([.text(caller)]) { "caller = $\($0)::text" } }
        if let outcome { clauses.add([.text(outcome)]) { "outcome = $\($0)::text" } }
        if let since { clauses.add([.timestamp(microseconds: since)]) { "received_at >= $\($0)::timestamptz" } }
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
