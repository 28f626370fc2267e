import ArgumentParser
import Authentication
import EventLoop
import Heartbeat
import PostgreSQL

struct Keys: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make, show, rotate and revoke callers' API keys.",
        discussion: """
            The keys are in PostgreSQL, where DATABASE_URL or libpq's PG* variables say: running services know of a \
            change within a second. Without them only "create" does something.
            """,
        subcommands: [
            KeysCreate.self, KeysList.self, KeysShow.self, KeysRotate.self, KeysRevoke.self,
        ])
}

extension Scope: ExpressibleByArgument {}

/// The argument of the commands that are about one key.
struct KeyID: ExpressibleByArgument {
    let text: String

    init?(argument: String) {
        guard let identifier = APIKey.identifier(argument) else { return nil }
        text = identifier
    }

    static let help = ArgumentHelp("The key's id: the 8 characters that follow hbf_, which may stand before them.")
}

/// Runs `body` with the table of API keys.
/// - Throws: an `ExitCode`, once the reason is printed.
func withKeyTable<Value: Sendable>(
    _ body: @escaping @Sendable (KeyTable) async throws(PostgreSQLError) -> Value
) throws -> Value {
    try withDatabase(processEnvironment()) { context throws(PostgreSQLError) in
        do throws(PostgreSQLError) {
            return try await body(KeyTable(on: context.0))
        } catch {
            let undefinedTable = "42P01"
            guard error.sqlState == undefinedTable else { throw error }
            throw PostgreSQLError(
                message: "there is no table of API keys yet: run heartbeat-facade migrate, or start the service",
                isConnectionLost: false)
        }
    }
}

/// What there is, or the end of the command.
func found(_ key: StoredKey?, _ id: KeyID, _ complaint: String = "there is no API key") throws -> StoredKey {
    if let key { return key }
    printDiagnostic("error: \(complaint) with the id \(id.text): see keys list")
    throw ExitCode.failure
}
