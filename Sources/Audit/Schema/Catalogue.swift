internal import Calendar
internal import PostgreSQL

/// What the database has of the schema.
struct Catalogue: Sendable, Equatable {
    /// Whether the table is there.
    var hasTable = false
    /// Whether this role owns the table; where there is none yet, whether it may make one.
    var mayChange = false
    /// The numbers of those that are applied.
    var versions: Set<Int> = []
    /// All partitions by name.
    var partitions: [String] = []
    /// By the name of an index, those that are there at least for the table itself.
    var indexes: [String: IndexState] = [:]
    /// No more are counted than `rowsCountedMax`.
    var rowsInDefault = 0
    var daysInDefault: [UTCDay] = []

    struct IndexState: Sendable, Equatable {
        /// The partitions that have no such index, or one that is not known to be a part.
        var lacking: [Lacking] = []
    }

    struct Lacking: Sendable, Equatable {
        let partition: String
        /// nil: it has none. Else whether what it has is whole.
        let isValid: Bool?
    }

    var hasDefault: Bool { partitions.contains(Schema.defaultPartition) }

    /// Of the days that have a partition, in order.
    var days: [UTCDay] { partitions.compactMap(Schema.day(ofPartition:)).sorted() }
}

extension Catalogue {
    private static let rowsCountedMax = 1_000_000
    /// Of a question that reads the whole default partition.
    private static let readTimeout: Duration = .seconds(60)

    /// Asks the catalogue's tables themselves: a function such as `to_regclass` may answer from what its session knew
    /// before it waited for a lock.
    static func read(on connection: Connection) async throws(PostgreSQLError) -> Catalogue {
        var catalogue = Catalogue()
        try await catalogue.readPartitions(on: connection)
        guard catalogue.hasTable else {
            let may = try await connection.query("SELECT has_schema_privilege(current_schema(), 'CREATE')")
            catalogue.mayChange = may.rows == [["t"]]
            return catalogue
        }
        if try await exists(SchemaVersion.table, kind: "r", on: connection) {
            let versions = try await connection.query("SELECT version FROM \(SchemaVersion.table)")
            catalogue.versions = Set(versions.rows.compactMap { $0[0].flatMap { Int($0) } })
        }
        for index in SchemaVersion.all.compactMap(\.index)
        where try await exists(index.name, kind: "I", on: connection) {
            catalogue.indexes[index.name] = try await state(of: index, on: connection)
        }
        if catalogue.hasDefault { try await catalogue.readDefault(on: connection) }
        return catalogue
    }

    /// The table's partitions: no row where there is no table, and NULL where it has none.
    private mutating func readPartitions(on connection: Connection) async throws(PostgreSQLError) {
        let found = try await connection.query(
            """
            SELECT partition.relname, pg_has_role(parent.relowner, 'USAGE')
            FROM pg_class parent
            LEFT JOIN pg_inherits ON inhparent = parent.oid
            LEFT JOIN pg_class partition ON partition.oid = inhrelid
            WHERE parent.relname = '\(Schema.table)' AND parent.relkind = 'p' AND pg_table_is_visible(parent.oid)
            ORDER BY 1
            """)
        hasTable = !found.rows.isEmpty
        mayChange = found.rows.first?[1] == "t"
        partitions = found.rows.compactMap(\.[0])
    }

    private static func exists(
        _ name: String, kind: String, on connection: Connection
    ) async throws(PostgreSQLError) -> Bool {
        let found = try await connection.query(
            """
            SELECT FROM pg_class WHERE relname = '\(name)' AND relkind = '\(kind)' AND pg_table_is_visible(oid)
            """)
        return !found.rows.isEmpty
    }

    private static func state(
        of index: PartitionedIndex, on connection: Connection
    ) async throws(PostgreSQLError) -> IndexState {
        let found = try await connection.query(
            """
            SELECT partition.relname, own.indisvalid
            FROM pg_inherits
            JOIN pg_class parent ON parent.oid = inhparent
            JOIN pg_class partition ON partition.oid = inhrelid
            LEFT JOIN (pg_index own JOIN pg_class named ON named.oid = own.indexrelid)
                ON own.indrelid = partition.oid AND named.relname = partition.relname || '_\(index.suffix)'
            WHERE parent.relname = '\(Schema.table)' AND pg_table_is_visible(parent.oid) AND NOT EXISTS (
                SELECT FROM pg_index part
                JOIN pg_inherits link ON link.inhrelid = part.indexrelid
                JOIN pg_class whole ON whole.oid = link.inhparent
                WHERE part.indrelid = partition.oid AND whole.relname = '\(index.name)'
            )
            ORDER BY 1
            """)
        return IndexState(
            lacking: found.rows.compactMap { row in
                row[0].map { Lacking(partition: $0, isValid: row[1].map { $0 == "t" }) }
            })
    }

    private mutating func readDefault(on connection: Connection) async throws(PostgreSQLError) {
        let count = try await connection.query(
            "SELECT count(*) FROM (SELECT FROM \(Schema.defaultPartition) LIMIT \(Self.rowsCountedMax)) AS counted",
            timeout: Self.readTimeout)
        rowsInDefault = count.rows.first?[0].flatMap { Int($0) } ?? 0
        guard rowsInDefault > 0 else { return }
        let days = try await connection.query(
            """
            SELECT DISTINCT floor(extract(epoch FROM received_at) / 86400)::bigint FROM \(Schema.defaultPartition)
            WHERE received_at >= timestamptz 'epoch' AND isfinite(received_at)
            """, timeout: Self.readTimeout)
        daysInDefault = days.rows.compactMap { $0[0].flatMap { Int64($0) } }.map(UTCDay.init(number:)).sorted()
    }
}
