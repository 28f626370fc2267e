internal import PostgreSQL

/// The audit table in SQL.
enum Schema {
    static let table = "heartbeat_audit"
    static let defaultPartition = "heartbeat_audit_default"

    private struct Column {
        let name: String
        let type: String
        let isRequired: Bool

        var definition: String { "\(name) \(type)\(isRequired ? " NOT NULL" : "")" }

        static func required(_ name: String, _ type: String) -> Column {
            Column(name: name, type: type, isRequired: true)
        }

        static func optional(_ name: String, _ type: String) -> Column {
            Column(name: name, type: type, isRequired: false)
        }
    }

    /// A row's fields come in this order.
    private static let columns: [Column] = [
        .required("id", "uuid"), .required("received_at", "timestamptz"), .required("request_id", "text"),
        .optional("trace_id", "text"), .optional("caller", "text"), .optional("authentication", "text"),
        .optional("client_address", "inet"), .optional("task_token_sha256", "bytea"), .optional("details", "text"),
        .optional("details_length", "int"), .required("outcome", "text"), .required("status", "smallint"),
        .optional("cancel_requested", "boolean"), .optional("fault", "text"), .optional("upstream_request_id", "text"),
        .required("attempts", "smallint"), .required("duration_us", "int"), .required("relayed", "boolean"),
        .required("instance", "text"),
    ]

    static let requestIDColumn = 2

    static let columnTypes: [ObjectID] = [
        .uuid, .timestamptz, .text, .text, .text, .text, .inet, .bytea, .text, .integer, .text, .smallint, .boolean,
        .text, .text, .smallint, .integer, .boolean, .text,
    ]

    /// The key's UUIDs grow with time, so its index also serves a reading in order.
    static let createTable = """
        CREATE TABLE \(table) (
            \(columns.map(\.definition).joined(separator: ",\n    ")),
            PRIMARY KEY (id, received_at)
        ) PARTITION BY RANGE (received_at)
        """

    /// Takes the rows that no day's partition is there for, so that none is ever refused.
    static let createDefaultPartition = "CREATE TABLE \(defaultPartition) PARTITION OF \(table) DEFAULT"

    /// Inserts any number of rows, each once however often it is sent: an array a column.
    static let insert: Statement = {
        let parameters = columns.indices.map { "$\($0 + 1)::\(columns[$0].type)[]" }.joined(separator: ", ")
        return Statement(
            """
            INSERT INTO \(table) (\(columns.map(\.name).joined(separator: ", ")))
            SELECT * FROM unnest(\(parameters))
            ON CONFLICT DO NOTHING
            """)
    }()
}
