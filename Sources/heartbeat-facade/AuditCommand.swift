import ArgumentParser
import Audit
import EventLoop
import Heartbeat
import PostgreSQL

/// Its name in Swift is not the command's, which is the module's.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Print heartbeats from the audit table, the oldest first.",
        discussion: """
            Reads DATABASE_URL or libpq's PG* variables. Prints the newest heartbeats that fit all options. Rows that \
            wait in a spool are not seen before they are in PostgreSQL.
            """,
        subcommands: [AuditEraseCommand.self])

    private static let limitRange = 1...100_000
    private static let sinceDefault = "1h"
    private static let followInterval = Duration.seconds(1)

    @Option(help: "Of this task: its token, or file:// and the path of a file with it.")
    var token: String?

    @Option(help: "Of this caller.")
    var caller: String?

    @Option(help: "With this outcome: recorded, or an error's code.")
    var outcome: String?

    @Option(
        help: ArgumentHelp(
            "How far back, such as 30m, 1h or 7d.",
            discussion: "Where it is not given: 1h, or as far as there are rows where a token is given."))
    var since: String?

    @Option(help: "How many at most, 1 to 100000.")
    var limit = 100

    @Flag(help: "Go on with those that come, until Ctrl-C.")
    var follow = false

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        let environment = processEnvironment()
        let search = try search(environment)
        guard Self.limitRange.contains(limit) else {
            throw ValidationError("--limit takes \(Self.limitRange.lowerBound) to \(Self.limitRange.upperBound).")
        }
        let duration = try (since ?? (token == nil ? Self.sinceDefault : nil)).map { text in
            guard let duration = DurationText.duration(text) else {
                throw ValidationError("--since takes a duration such as 30m, 1h or 7d.")
            }
            return duration
        }
        try withAuditDatabase(environment) { connection throws(PostgreSQLError) in
            try await show(search, since: duration, on: connection)
        }
    }

    private func search(_ environment: [String: String]) throws -> AuditSearch {
        if let outcome, outcome != "recorded", ErrorCode(rawValue: outcome) == nil {
            throw ValidationError("--outcome takes recorded or an error's code.")
        }
        let files = ParameterFiles(home: environment["HOME"])
        let text = try token.map { try files.taskToken(of: $0, option: "--token") }
        do throws(Problem) {
            var taskToken: TaskToken?
            if let text { taskToken = try TaskToken(validating: text) }
            return AuditSearch(taskToken: taskToken, caller: caller, outcome: outcome)
        } catch {
            throw ValidationError(error.detail)
        }
    }

    private func show(
        _ search: AuditSearch, since: Duration?, on connection: (Connection, EventLoop)
    ) async throws(PostgreSQLError) {
        let (connection, loop) = connection
        var follower = follow ? try await AuditFollower(search, on: connection) : nil
        var search = search
        if let since { search.since = try await connection.now() - Int64(since / .microseconds(1)) }
        let records = try await search.newest(limit, on: connection)
        let table = AuditTable(records)
        if !json { printResult(table.header) }
        show(records, table)
        follower?.pass(over: records)
        while follower != nil {
            await loop.pause(for: Self.followInterval)
            if let news = try await follower?.next(on: connection) { show(news, table) }
        }
    }

    private func show(_ records: [AuditRecord], _ table: AuditTable) {
        for record in records { printResult(json ? record.json : table.line(record)) }
        flushResults()
    }
}

/// Runs `body` with a connection to the database that the environment says.
/// - Throws: an `ExitCode`, once the reason is printed.
func withAuditDatabase<Value: Sendable>(
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
