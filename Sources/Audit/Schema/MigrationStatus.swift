internal import Calendar

/// How the database's schema stands to this version of the service.
package struct MigrationStatus: Sendable, Equatable {
    /// The applied versions' numbers, with their names as far as this version of the service knows them.
    package let applied: [String]
    /// What is to be done, in order.
    package let pending: [MigrationStep]
    /// Of the days' partitions, `YYYY-MM-DD`; nil where there are none.
    package let firstDay: String?
    package let lastDay: String?
    package let days: Int
    /// Up to a million.
    package let rowsInDefault: Int

    init(_ catalogue: Catalogue, _ retention: Retention) {
        let names = Dictionary(uniqueKeysWithValues: SchemaVersion.all.map { ($0.number, $0.name) })
        applied = catalogue.versions.sorted().map { "\($0), \(names[$0] ?? "of a newer service")" }
        pending = SchemaPlan.steps(catalogue, retention)
        (firstDay, lastDay) = (catalogue.days.first?.extended, catalogue.days.last?.extended)
        days = catalogue.days.count
        rowsInDefault = catalogue.rowsInDefault
    }
}
