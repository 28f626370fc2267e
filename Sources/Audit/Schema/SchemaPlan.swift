internal import Calendar

/// What is to be done, given what there is.
enum SchemaPlan {
    /// In the order in which it is done: rows' places first, so that what takes long or fails keeps none from its own.
    static func steps(_ catalogue: Catalogue, _ retention: Retention) -> [MigrationStep] {
        if !catalogue.hasTable { return [creation] + retention.days.map(partition) }
        let missing = missingDays(catalogue, retention)
        var steps = defaultPartition(catalogue) + missing.map(partition)
        steps += pending(catalogue).filter { $0.index == nil }.map(change)
        steps += drops(catalogue, retention)
        let kept = catalogue.partitions.filter { Schema.day(ofPartition: $0).map { !retention.isExpired($0) } ?? true }
        for version in pending(catalogue) {
            guard let index = version.index else { continue }
            steps += indexing(version, index, catalogue.indexes[index.name], partitions: kept, added: missing)
        }
        return steps
    }

    /// What a role that may not do it itself should tell of: not what a daily job has yet to do today.
    static func overdue(_ catalogue: Catalogue, _ retention: Retention) -> [MigrationStep] {
        let early = retention.days.filter { !retention.daysNeeded.contains($0) }.map { partition(of: $0).title }
        let dueToday = retention.firstKept.map { drop($0.advanced(by: -1)).title }
        return steps(catalogue, retention).filter { !early.contains($0.title) && $0.title != dueToday }
    }

    static func pending(_ catalogue: Catalogue) -> [SchemaVersion] {
        SchemaVersion.all.filter { !catalogue.versions.contains($0.number) }
    }

    /// Everything at once, as long as nobody can be kept waiting.
    private static var creation: MigrationStep {
        let changes = SchemaVersion.all.flatMap { version in
            version.statements + (version.index.map { [$0.create] } ?? []) + [version.record]
        }
        return MigrationStep(
            "create table \(Schema.table)", [SchemaVersion.createTable] + changes, isUrgent: true)
    }

    // MARK: Partitions

    private static func missingDays(_ catalogue: Catalogue, _ retention: Retention) -> [UTCDay] {
        let there = catalogue.days
        let wanted = retention.days + retention.daysOut(of: catalogue.daysInDefault)
        return Set(wanted).subtracting(there).sorted()
    }

    private static func partition(of day: UTCDay) -> MigrationStep {
        MigrationStep("create partition \(Schema.partition(of: day))", Schema.createPartition(of: day), isUrgent: true)
    }

    private static func defaultPartition(_ catalogue: Catalogue) -> [MigrationStep] {
        if catalogue.hasDefault { return [] }
        return [
            MigrationStep(
                "create partition \(Schema.defaultPartition)", [Schema.createDefaultPartition],
                mode: .briefTransaction, isUrgent: true)
        ]
    }

    private static func drops(_ catalogue: Catalogue, _ retention: Retention) -> [MigrationStep] {
        var steps = catalogue.days.filter(retention.isExpired).map(drop)
        if let first = retention.firstKept, catalogue.daysInDefault.contains(where: retention.isExpired) {
            steps.append(
                MigrationStep(
                    "delete rows before \(first.extended) from \(Schema.defaultPartition)",
                    [Schema.deleteFromDefaultPartition(before: first)]))
        }
        return steps
    }

    private static func drop(_ day: UTCDay) -> MigrationStep {
        MigrationStep(
            "drop partition \(Schema.partition(of: day))", [Schema.dropPartition(of: day)], mode: .briefTransaction)
    }

    // MARK: Versions

    private static func change(_ version: SchemaVersion) -> MigrationStep {
        // A table that was made before versions were noted is of the first.
        let isThere = version.number == SchemaVersion.first
        return MigrationStep(
            "\(isThere ? "note" : "apply") version \(version.number), \(version.name)",
            [SchemaVersion.createTable] + (isThere ? [] : version.statements) + [version.record],
            mode: .briefTransaction)
    }

    /// Makes an index of partition after partition while rows go on being written.
    /// - Parameters:
    ///   - state: nil: not begun.
    ///   - partitions: those that stay.
    ///   - added: the days whose partitions have been made by then.
    private static func indexing(
        _ version: SchemaVersion, _ index: PartitionedIndex, _ state: Catalogue.IndexState?, partitions: [String],
        added: [UTCDay]
    ) -> [MigrationStep] {
        var steps: [MigrationStep] = []
        var lacking = state?.lacking ?? []
        if state == nil {
            lacking = (partitions + added.map(Schema.partition(of:))).sorted().map {
                Catalogue.Lacking(partition: $0, isValid: nil)
            }
            steps.append(
                MigrationStep("create index \(index.name)", [index.createOnParentAlone], mode: .briefTransaction))
        }
        for part in lacking where state == nil || partitions.contains(part.partition) {
            let (name, partition) = (index.name(on: part.partition), part.partition)
            if part.isValid == false {
                // Somebody was cut short.
                steps.append(
                    MigrationStep("drop invalid index \(name)", [index.dropConcurrently(on: partition)], mode: .alone))
            }
            if part.isValid != true {
                steps.append(
                    MigrationStep("create index \(name)", [index.createConcurrently(on: partition)], mode: .alone))
            }
            steps.append(MigrationStep("attach index \(name)", [index.attach(of: partition)], mode: .briefTransaction))
        }
        steps.append(
            MigrationStep(
                "note version \(version.number), \(version.name)",
                [SchemaVersion.createTable, version.recordIfValid(index)]))
        return steps
    }
}
