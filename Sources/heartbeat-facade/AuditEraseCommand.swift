import ArgumentParser
import Audit
import EventLoop
import PostgreSQL
import SigningClient

struct AuditEraseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "erase", abstract: "Delete rows of the audit table for good.",
        discussion: """
            Reads DATABASE_URL or libpq's PG* variables; the role needs the right to delete. Rows that wait in a spool \
            come later and stay. Deletes in small transactions: what is deleted stays so where it is interrupted.
            """)

    @Option(help: "Only rows of this caller.")
    var caller: String?

    @Option(help: "Only rows before this time: a date (its beginning in UTC), or a time such as 2026-11-21T08:00:00Z.")
    var before: String?

    @Flag(help: "Do not ask.")
    var yes = false

    func run() throws {
        guard caller != nil || before != nil else { throw ValidationError("Say which: --caller, --before, or both.") }
        let erasure = AuditErasure(caller: caller, before: try before.map(Self.time))
        guard yes || inputIsTerminal() else {
            throw ValidationError("There is no terminal to ask at: say --yes to erase.")
        }
        let environment = processEnvironment()
        if !yes {
            let count = try withDatabase(environment) { context throws(PostgreSQLError) in
                try await erasure.count(on: context.0)
            }
            printDiagnostic("\(count) rows are to be erased for good. Type yes to go on:")
            guard readLine() == "yes" else {
                printDiagnostic("nothing was erased")
                throw ExitCode.failure
            }
        }
        let erased = try withDatabase(environment) { context throws(PostgreSQLError) in
            try await erasure.run(on: context.0)
        }
        printResult("erased \(erased) rows")
    }

    /// In microseconds since 1970.
    private static func time(_ text: String) throws -> Int64 {
        let dateCharacters = 10
        guard let seconds = ISO8601.epochSeconds(text.utf8.count == dateCharacters ? text + "T00:00:00Z" : text) else {
            throw ValidationError("--before takes a date such as 2026-11-21 or a time such as 2026-11-21T08:00:00Z.")
        }
        return seconds * 1_000_000
    }
}
