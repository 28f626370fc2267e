/// One numbered change of the schema.
///
/// A version that is released stays as it is: what it got wrong, a later one puts right. The service of the version
/// before runs on beside the new one, and rows must be lost by neither, so a change only adds what that service can do
/// without; what nobody uses any more goes with a later release (expand, then contract).
struct SchemaVersion: Sendable {
    let number: Int
    /// In a few words, for `migrate status`.
    let name: String
    var statements: [String] = []
    var index: PartitionedIndex?

    static let table = "heartbeat_audit_migrations"

    static let all = [
        SchemaVersion(
            number: 1, name: "the audit table", statements: [Schema.createTable, Schema.createDefaultPartition]),
        // Answers what is asked of one task: its last row, its rows from one on backwards, how many they are, and since
        // when cancellation is requested. What is asked by time, the key answers: its UUIDs begin with the time.
        SchemaVersion(
            number: 2, name: "an index of tasks",
            index: PartitionedIndex(
                name: "heartbeat_audit_task", suffix: "task",
                columns: "task_token_sha256, received_at")),
        SchemaVersion(number: 3, name: "the table of API keys", statements: [APIKeysTable.create]),
    ]

    static let first = 1

    static let createTable = """
        CREATE TABLE IF NOT EXISTS \(table) (
            version int PRIMARY KEY,
            name text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        )
        """

    /// Notes that the version is applied.
    var record: String {
        "INSERT INTO \(Self.table) (version, name) VALUES (\(number), '\(name)') ON CONFLICT DO NOTHING"
    }

    /// The same, unless a partition lacks the index: another replica may have made one since that was looked at.
    func recordIfValid(_ index: PartitionedIndex) -> String {
        """
        INSERT INTO \(Self.table) (version, name)
        SELECT \(number), '\(name)' FROM pg_index WHERE indexrelid = '\(index.name)'::regclass AND indisvalid
        ON CONFLICT DO NOTHING
        """
    }
}
