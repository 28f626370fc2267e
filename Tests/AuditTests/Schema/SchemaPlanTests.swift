import Calendar
import Testing

@testable import Audit

/// 2026-11-20T12:00:00Z.
private let noon: Int64 = 1_795_176_000_000_000

private func day(_ name: String) throws -> UTCDay {
    try #require(UTCDay(compact: name[...]))
}

private func partition(_ day: String) -> String { "heartbeat_audit_\(day)" }

/// A database that lacks nothing on 2026-11-20.
private func whole() -> Catalogue {
    Catalogue(
        hasTable: true, mayChange: true, versions: [1, 2, 3],
        partitions: ["heartbeat_audit_default"] + (19...27).map { partition("202611\($0)") },
        indexes: ["heartbeat_audit_task": Catalogue.IndexState()])
}

private func titles(_ catalogue: Catalogue, retention: Duration? = nil, now: Int64 = noon) -> [String] {
    SchemaPlan.steps(catalogue, Retention(now: now, retention: retention)).map(\.title)
}

struct SchemaPlanTests {
    @Test func `where nothing is missing nothing is done`() {
        #expect(titles(whole()).isEmpty)
        #expect(titles(whole(), retention: .seconds(86_400)).isEmpty)
    }

    @Test func `an empty database gets the table with all versions at once, then its partitions`() throws {
        let steps = SchemaPlan.steps(Catalogue(mayChange: true), Retention(now: noon, retention: nil))
        #expect(
            steps.map(\.title)
                == ["create table heartbeat_audit"] + (19...27).map { "create partition heartbeat_audit_202611\($0)" })
        let first = try #require(steps.first)
        for version in SchemaVersion.all { #expect(first.statements.contains(version.record)) }
        #expect(first.statements.contains { $0.hasPrefix("CREATE INDEX heartbeat_audit_task ON heartbeat_audit (") })
        #expect(steps.allSatisfy { $0.isUrgent && $0.mode == .transaction })
    }

    @Test func `what a service without versions made is adopted; partitions come first`() {
        var catalogue = whole()
        catalogue.versions = []
        catalogue.indexes = [:]
        catalogue.partitions.removeAll { $0 == partition("20261127") }
        let indexed = (19...27).map { "heartbeat_audit_202611\($0)_task" } + ["heartbeat_audit_default_task"]
        var expected = [
            "create partition heartbeat_audit_20261127", "note version 1, the audit table",
            "apply version 3, the table of API keys", "create index heartbeat_audit_task",
        ]
        for index in indexed { expected += ["create index \(index)", "attach index \(index)"] }
        #expect(titles(catalogue) == expected + ["note version 2, an index of tasks"])
    }

    @Test func `an index that was cut short is made again, one that was only not attached is attached`() {
        var catalogue = whole()
        catalogue.versions = [1, 3]
        catalogue.indexes["heartbeat_audit_task"] = Catalogue.IndexState(lacking: [
            .init(partition: partition("20261119"), isValid: true),
            .init(partition: partition("20261120"), isValid: false),
            .init(partition: partition("20261121"), isValid: nil),
        ])
        #expect(
            titles(catalogue) == [
                "attach index heartbeat_audit_20261119_task", "drop invalid index heartbeat_audit_20261120_task",
                "create index heartbeat_audit_20261120_task", "attach index heartbeat_audit_20261120_task",
                "create index heartbeat_audit_20261121_task", "attach index heartbeat_audit_20261121_task",
                "note version 2, an index of tasks",
            ])
    }

    @Test func `a version of a newer service is left alone`() {
        var catalogue = whole()
        catalogue.versions.insert(99)
        #expect(titles(catalogue).isEmpty)
        #expect(
            MigrationStatus(catalogue, Retention(now: noon, retention: nil)).applied
                == ["1, the audit table", "2, an index of tasks", "3, the table of API keys", "99, of a newer service"])
    }

    @Test(arguments: [
        // 2026-11-18T12:00Z is two days before.
        (Duration.seconds(2 * 86_400), ["20261116", "20261117"]),
        (.seconds(2 * 86_400 + 43_200), ["20261116", "20261117"]),
        (.seconds(2 * 86_400 + 43_201), ["20261116"]),
        (.seconds(86_400), ["20261116", "20261117", "20261118"]),
        (.seconds(36_500 * 86_400), []),
    ])
    func `a partition goes when its whole day is older than the retention`(retention: Duration, gone: [String]) {
        var catalogue = whole()
        catalogue.partitions += ["20261116", "20261117", "20261118"].map(partition)
        #expect(titles(catalogue, retention: retention) == gone.map { "drop partition heartbeat_audit_\($0)" })
        #expect(titles(catalogue).isEmpty)
    }

    @Test func `only partitions that bear a day's name are dropped, and they get no index first`() {
        var catalogue = whole()
        catalogue.versions = [1, 3]
        let others = ["heartbeat_audit_2025", "heartbeat_audit_20250231", "audit_20250101", "heartbeat_audit_old"]
        catalogue.partitions += [partition("20250101")] + others
        catalogue.indexes = [
            "heartbeat_audit_task": .init(lacking: [.init(partition: partition("20250101"), isValid: nil)])
        ]
        #expect(
            titles(catalogue, retention: .seconds(86_400)) == [
                "drop partition heartbeat_audit_20250101", "note version 2, an index of tasks",
            ])
    }

    @Test func `rows in the default partition get their day's, unless that is over or far ahead`() throws {
        var catalogue = whole()
        catalogue.rowsInDefault = 4
        catalogue.daysInDefault = try ["20260101", "20261110", "20261127", "20261128", "20990101"].map(day)
        #expect(
            titles(catalogue, retention: .seconds(30 * 86_400)) == [
                "create partition heartbeat_audit_20261110",
                "delete rows before 2026-10-21 from heartbeat_audit_default",
            ])
        #expect(
            titles(catalogue) == [
                "create partition heartbeat_audit_20260101", "create partition heartbeat_audit_20261110",
            ])
    }

    @Test func `no more than a month of days out of line is made at a time`() {
        var catalogue = whole()
        catalogue.rowsInDefault = 100
        catalogue.daysInDefault = (0..<100).map { UTCDay.of(seconds: noon / 1_000_000).day.advanced(by: -200 + $0) }
        #expect(titles(catalogue).count == 31)
    }

    @Test func `a role that may not change it tells of what is late, not of what a daily job has yet to do`() {
        var catalogue = whole()
        let retention = Retention(now: noon, retention: .seconds(10 * 86_400))
        catalogue.partitions.removeAll { ["20261127", "20261126"].map(partition).contains($0) }
        catalogue.partitions.append(partition("20261109"))
        #expect(SchemaPlan.steps(catalogue, retention).count == 3)
        #expect(SchemaPlan.overdue(catalogue, retention).isEmpty)
        catalogue.partitions.removeAll { $0 == partition("20261122") }
        catalogue.partitions.append(partition("20261108"))
        catalogue.versions = [1, 3]
        #expect(
            SchemaPlan.overdue(catalogue, retention).map(\.title) == [
                "create partition heartbeat_audit_20261122", "drop partition heartbeat_audit_20261108",
                "note version 2, an index of tasks",
            ])
    }
}
