internal import Calendar

/// A day's partition in SQL.
extension Schema {
    private static let prefix = "\(table)_"

    static func partition(of day: UTCDay) -> String {
        "\(prefix)\(day.compact)"
    }

    /// The day whose partition has that name.
    static func day(ofPartition name: String) -> UTCDay? {
        guard name.hasPrefix(prefix), let day = UTCDay(compact: name.dropFirst(prefix.count)) else { return nil }
        return partition(of: day) == name ? day : nil
    }

    /// Makes a day's partition. Attached rather than made as one: that way the table's other users need not wait
    /// (ALTER TABLE … ATTACH PARTITION takes SHARE UPDATE EXCLUSIVE, CREATE TABLE … PARTITION OF ACCESS EXCLUSIVE).
    static func createPartition(of day: UTCDay) -> [String] {
        let name = partition(of: day)
        let (from, to) = (day.sql, day.advanced(by: 1).sql)
        return [
            "CREATE TABLE \(name) (LIKE \(table) INCLUDING ALL)",
            // Only those wait whose row belongs there. One that went there after the next statement would have the
            // server refuse the partition.
            "LOCK TABLE \(defaultPartition) IN SHARE ROW EXCLUSIVE MODE",
            """
            WITH early AS (
                DELETE FROM \(defaultPartition) WHERE received_at >= \(from) AND received_at < \(to) RETURNING *
            )
            INSERT INTO \(name) SELECT * FROM early
            """,
            "ALTER TABLE \(table) ATTACH PARTITION \(name) FOR VALUES FROM (\(from)) TO (\(to))",
        ]
    }

    /// Detaches it too. DETACH PARTITION … CONCURRENTLY, which nobody would wait for, is refused where there is a
    /// default partition; and DETACH alone takes the same lock as this, on whose way out no table is left lying about.
    /// The lock on the table is held for some milliseconds: files are removed after it is released.
    static func dropPartition(of day: UTCDay) -> String {
        "DROP TABLE \(partition(of: day))"
    }

    static func deleteFromDefaultPartition(before day: UTCDay) -> String {
        "DELETE FROM \(defaultPartition) WHERE received_at < \(day.sql)"
    }
}

extension UTCDay {
    /// When it begins, as a constant.
    fileprivate var sql: String { "timestamptz '\(extended) 00:00:00+00'" }
}
