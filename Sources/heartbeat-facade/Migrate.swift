import ArgumentParser
import Audit
import EventLoop
import PostgreSQL

struct Migrate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the audit table and its partitions in PostgreSQL, as far as they are missing.",
        discussion: "Reads DATABASE_URL or libpq's PG* variables. Safe at any time, and from many hosts at once.")

    func run() throws {
        let (database, faults) = Configuration.readDatabaseOnly(processEnvironment())
        for fault in faults { printDiagnostic("error: \(fault)") }
        if !faults.isEmpty { throw ExitCode.badConfiguration }
        let result = try EventLoop.run { loop in await Self.migrate(database, on: loop) }
        switch result {
        case .success(let report):
            for table in report.created { printResult("created \(table)") }
            printResult(report.created.isEmpty ? "nothing to do" : "done")
        case .failure(let error):
            printDiagnostic("error: \(error)")
            throw ExitCode.failure
        }
    }

    private static func migrate(
        _ database: String?, on loop: EventLoop
    ) async -> Result<Migration.Report, PostgreSQLError> {
        do throws(PostgreSQLError) {
            let connection = try await Connection.open(database, on: loop)
            defer { connection.close() }
            return .success(try await Migration.run(on: connection, now: wallClockMicroseconds()))
        } catch {
            return .failure(error)
        }
    }
}
