import ArgumentParser
import Audit
import EventLoop
import Heartbeat
import PostgreSQL

struct AuditListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print heartbeats from the audit table, the oldest first.",
        discussion: """
            Prints the newest heartbeats that fit all options. Rows that wait in a spool are not seen before they are \
            in PostgreSQL, and not followed where that is over a minute later.
            """)

    private static let limitRange = 1...100_000
    private static let sinceDefault = "1h"
    private static let followInterval = Duration.seconds(1)

    @Option(
        help: "Of this task: its token, file:// and the path of a file with it, or sha256: and the token's hash.")
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
        try withDatabase(environment) { connection throws(PostgreSQLError) in
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
            var task: TaskHash?
            if let text { task = try TaskHash(named: TaskToken(validating: text), hash: TaskHasher().hash) }
            return AuditSearch(task: task, caller: caller, outcome: outcome)
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
