import ArgumentParser
import EventLoop
import PostgreSQL

/// Its name in Swift is not the command's, which is the module's.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Look into the audit table, or erase from it.",
        discussion: """
            Reads DATABASE_URL or libpq's PG* variables. "list" may be left out, as in "heartbeat-facade audit --since \
            1h": see "heartbeat-facade audit list --help".
            """,
        // Options beside a subcommand would be taken from it: erase would not see its own --caller.
        subcommands: [AuditListCommand.self, AuditEraseCommand.self], defaultSubcommand: AuditListCommand.self)
}

/// Runs `body` with a connection to the database that the environment says.
/// - Throws: an `ExitCode`, once the reason is printed.
func withDatabase<Value: Sendable>(
    _ environment: [String: String],
    _ body: @escaping @Sendable ((Connection, EventLoop)) async throws(PostgreSQLError) -> Value
) throws -> Value {
    let (database, faults) = Configuration.readDatabaseOnly(environment)
    for fault in faults { printDiagnostic("error: \(fault)") }
    if !faults.isEmpty { throw ExitCode.badConfiguration }
    let result = try EventLoop.run { loop -> Result<Value, PostgreSQLError> in
        do throws(PostgreSQLError) {
            let connection = try await Connection.open(database, on: loop)
            defer { connection.close() }
            return .success(try await body((connection, loop)))
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
