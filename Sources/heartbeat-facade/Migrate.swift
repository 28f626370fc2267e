import ArgumentParser
import Audit
import EventLoop
import PostgreSQL

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the audit table and its partitions in PostgreSQL to what this version needs.",
        discussion: """
            Reads DATABASE_URL or libpq's PG* variables, and HEARTBEAT_AUDIT_RETENTION: only where that is set, older \
            partitions are dropped. Safe at any time, from many hosts at once, and while rows are written.
            """,
        subcommands: [Up.self, Status.self], defaultSubcommand: Up.self)

    struct Up: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Do what is to be done.")

        @Flag(help: "Print the SQL instead, and change nothing.")
        var dryRun = false

        func run() throws {
            if dryRun {
                let status = try withMigration(migrationStatus)
                for step in status.pending { printResult(step.sql) }
                return
            }
            let report = try withMigration { migration, retention throws(PostgreSQLError) in
                try await migration.run(retention, progress: printResult)
            }
            for title in report.lacking { printDiagnostic("error: this role may not \(title)") }
            if !report.lacking.isEmpty { throw ExitCode.failure }
            printResult(report.done.isEmpty ? "nothing to do" : "done")
            if report.rowsInDefault > 0 { printDiagnostic("warning: \(Status.inDefault(report.rowsInDefault))") }
        }
    }

    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is applied and what is to be done.",
            discussion: "Exits with 0 where nothing is to be done, else with 1.")

        func run() throws {
            let status = try withMigration(migrationStatus)
            for version in status.applied { printResult("version \(version): applied") }
            if let first = status.firstDay, let last = status.lastDay {
                printResult("partitions: \(status.days), from \(first) to \(last)")
            } else {
                printResult("partitions: none")
            }
            printResult(Self.inDefault(status.rowsInDefault))
            for step in status.pending { printResult("to be done: \(step.title)") }
            if !status.pending.isEmpty { throw ExitCode.failure }
        }

        static func inDefault(_ rows: Int) -> String { "rows in the default partition: \(rows)" }
    }
}

private func migrationStatus(
    _ migration: Migration, _ retention: Retention
) async throws(PostgreSQLError) -> MigrationStatus {
    try await migration.status(retention)
}

/// Runs `body` with what the environment says; says what is wrong on standard error.
private func withMigration<Value: Sendable>(
    _ body: @escaping @Sendable (Migration, Retention) async throws(PostgreSQLError) -> Value
) throws -> Value {
    let (database, retention, faults) = Configuration.readForMigration(processEnvironment())
    for fault in faults { printDiagnostic("error: \(fault)") }
    if !faults.isEmpty { throw ExitCode.badConfiguration }
    let result: Result<Value, PostgreSQLError> = try EventLoop.run { loop in
        do throws(PostgreSQLError) {
            let migration = Migration(database, on: loop)
            return .success(try await body(migration, Retention(now: wallClockMicroseconds(), retention: retention)))
        } catch {
            return .failure(error)
        }
    }
    switch result {
    case .success(let value): return value
    case .failure(let error):
        printDiagnostic("error: \(error)")
        throw ExitCode.failure
    }
}
