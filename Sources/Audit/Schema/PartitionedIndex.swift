/// An index of the audit table, which is one of each partition.
struct PartitionedIndex: Sendable, Equatable {
    /// Of the index that the partitioned table itself has; unique among all relations.
    let name: String
    /// What distinguishes a partition's index from its others.
    let suffix: String
    let columns: String

    /// Makes it of every partition there is, and has inserts wait for it meanwhile.
    var create: String { "CREATE INDEX \(name) ON \(Schema.table) (\(columns))" }

    /// Makes it of none: a partition that is attached afterwards gets its own at once, and it becomes valid when the
    /// last of the others is attached to it.
    var createOnParentAlone: String { "CREATE INDEX IF NOT EXISTS \(name) ON ONLY \(Schema.table) (\(columns))" }

    func name(on partition: String) -> String { "\(partition)_\(suffix)" }

    /// Inserts go on meanwhile. Not in a transaction; one that is cut short leaves an invalid index behind.
    func createConcurrently(on partition: String) -> String {
        "CREATE INDEX CONCURRENTLY \(name(on: partition)) ON \(partition) (\(columns))"
    }

    func dropConcurrently(on partition: String) -> String {
        "DROP INDEX CONCURRENTLY \(name(on: partition))"
    }

    func attach(of partition: String) -> String {
        "ALTER INDEX \(name) ATTACH PARTITION \(name(on: partition))"
    }
}
