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

    /// The table's partitions by name: no row where the table is missing, and NULL where it has none. It asks the
    /// catalogue itself: `to_regclass` may answer from what its session knew before it waited for a lock.
    static let partitionNames = """
        SELECT partition.relname
        FROM pg_class parent
        LEFT JOIN pg_inherits ON inhparent = parent.oid
        LEFT JOIN pg_class partition ON partition.oid = inhrelid
        WHERE parent.relname = '\(table)' AND parent.relkind = 'p' AND pg_table_is_visible(parent.oid)
        """

    static let defaultPartitionHasRows = "SELECT EXISTS (SELECT FROM \(defaultPartition))"

    static func partition(of day: UTCDay) -> String {
        "\(table)_\(day.compact)"
    }

    /// Makes a day's partition. Attached rather than made as one: that way the table's other users need not wait
    /// (ALTER TABLE … ATTACH PARTITION takes SHARE UPDATE EXCLUSIVE, CREATE TABLE … PARTITION OF ACCESS EXCLUSIVE).
    static func createPartition(of day: UTCDay) -> [String] {
        let name = partition(of: day)
        let from = "timestamptz '\(day.extended) 00:00:00+00'"
        let to = "timestamptz '\(day.advanced(by: 1).extended) 00:00:00+00'"
        return [
            "CREATE TABLE \(name) (LIKE \(table) INCLUDING ALL)",
            // Rows of the day that came before their partition would have the server refuse it.
            """
            WITH early AS (
                DELETE FROM \(defaultPartition) WHERE received_at >= \(from) AND received_at < \(to) RETURNING *
            )
            INSERT INTO \(name) SELECT * FROM early
            """,
            "ALTER TABLE \(table) ATTACH PARTITION \(name) FOR VALUES FROM (\(from)) TO (\(to))",
        ]
    }

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
