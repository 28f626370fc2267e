import Foundation
import TestSupport
import Testing

/// A migrated database with rows in it, and the command on it.
private struct AuditDatabase: Sendable {
    let database: PrivatePostgreSQL.Database

    init() throws {
        database = try PrivatePostgreSQL.shared().createDatabase()
        let output = try runFacade(["migrate"], environment: environment)
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
    }

    var environment: [String: String] { ["DATABASE_URL": database.connectionString] }

    /// - Parameter age: as PostgreSQL writes intervals.
    func insert(
        _ requestID: String, token: String = "t", caller: String = "a", outcome: String = "recorded",
        details: String = "'50%'", age: String = "1 minute"
    ) throws {
        try database.query(
            """
            INSERT INTO heartbeat_audit (id, received_at, request_id, caller, task_token_sha256, details,
                details_length, outcome, status, cancel_requested, attempts, duration_us, relayed, instance)
            VALUES ((lpad(to_hex(floor(extract(epoch FROM now() - interval '\(age)') * 1000)::bigint), 12, '0') || '7'
                || substr(md5(random()::text), 1, 3) || '8' || substr(md5(random()::text), 1, 15))::uuid,
                now() - interval '\(age)', '\(requestID)', '\(caller)',
                sha256('\(token)'::bytea), \(details), 3, '\(outcome)', 200, false, 1, 12345, true, 'i')
            """)
    }

    func audit(_ arguments: String...) throws -> ChildProcess.Output {
        try runFacade(["audit"] + arguments, environment: environment)
    }

    /// The request ids of what `audit --json` prints.
    func found(_ arguments: String...) throws -> [String] {
        let output = try runFacade(["audit", "--json"] + arguments, environment: environment)
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
        return try output.standardOutput.split(separator: "\n").map(requestID)
    }

    var left: [String] {
        get throws { try database.query("SELECT request_id FROM heartbeat_audit ORDER BY 1").map { $0[0] } }
    }
}

private func requestID(_ line: some StringProtocol) throws -> String {
    let json = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    return json?["requestId"] as? String ?? "none"
}

@Suite(.timeLimit(.minutes(10)))
struct AuditCommandTests {
    @Test func `rows are found by all the options, the oldest first`() throws {
        let audit = try AuditDatabase()
        try audit.insert("1", age: "3 hours")
        try audit.insert("2", caller: "b", age: "30 minutes")
        try audit.insert("3", token: "u", outcome: "unknown_task", age: "2 minutes")
        try audit.insert("4", token: "u", age: "1 minute")
        #expect(try audit.found() == ["2", "3", "4"])
        #expect(try audit.found("--since", "10m") == ["3", "4"])
        #expect(try audit.found("--since", "1d") == ["1", "2", "3", "4"])
        #expect(try audit.found("--since", "1d", "--limit", "2") == ["3", "4"])
        #expect(try audit.found("--caller", "b") == ["2"])
        #expect(try audit.found("--outcome", "unknown_task") == ["3"])
        #expect(try audit.found("--token", "t") == ["1", "2"])
        #expect(try audit.found("--token", "t", "--since", "1h") == ["2"])
        #expect(try audit.found("--token", "u", "--caller", "a", "--outcome", "recorded") == ["4"])
        let hash = "e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"
        #expect(try audit.found("--token", "sha256:\(hash)") == ["1", "2"])
        let directory = try TemporaryDirectory()
        let path = try directory.write("u\n", to: "token")
        #expect(try audit.found("--token", "file://\(path)") == ["3", "4"])
    }

    @Test func `the table is for people, and does nothing to their terminals`() throws {
        let audit = try AuditDatabase()
        try audit.insert("1", details: "E'a\\nb\\x1b[2J\\u009b\\u202e\\\\u0000 é'")
        try audit.insert("2", caller: "somebody-else", details: "NULL", age: "30 seconds")
        let output = try audit.audit()
        #expect(output.exit == .exited(0))
        #expect(output.standardError == "")
        let lines = output.standardOutput.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines[0].wholeMatch(of: /TIME +CALLER +OUTCOME +CANCEL +TASK +MS +DETAILS/) != nil)
        #expect(
            lines[1].wholeMatch(of: /20[-0-9]+T[:0-9]+\.[0-9]{6}Z  a +recorded  no      e3b98a4da31a  12  .*/) != nil)
        #expect(lines[1].hasSuffix(#"a\u{a}b\u{1b}[2J\u{9b}\u{202e}\u{0} é"#))
        #expect(lines[2].hasSuffix("  12  (3 characters)"))
        let starts = lines.map { line in line.firstRange(of: /OUTCOME|recorded/)?.lowerBound.utf16Offset(in: line) }
        #expect(Set(starts).count == 1)
    }

    @Test func `a line of JSON has all of the row`() throws {
        let audit = try AuditDatabase()
        try audit.insert("1", details: #"E'\\u0000'"#)
        let line = try audit.audit("--json").standardOutput
        let json = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect(json["details"] as? String == "\0")
        #expect(
            Set(json.keys) == [
                "id", "receivedAt", "requestId", "caller", "taskTokenSha256", "details", "detailsLength", "outcome",
                "status", "cancelRequested", "attempts", "durationMicroseconds", "relayed", "instance",
            ])
    }

    @Test func `following shows what comes, in whatever order it is committed, and nothing twice`() throws {
        let audit = try AuditDatabase()
        try audit.insert("old", age: "2 minutes")
        try audit.insert("first", age: "20 seconds")
        let child = try ChildProcess(
            Locations.product("heartbeat-facade"), ["audit", "--follow", "--json", "--caller", "a", "--limit", "1"],
            environment: audit.environment.merging(["PATH": Locations.path]) { given, _ in given })
        try child.waitForLine(on: .standardOutput) { $0.contains(#""requestId":"first""#) }
        try audit.insert("second", age: "0 seconds")
        try audit.insert("other", caller: "b", age: "0 seconds")
        try child.waitForLine(on: .standardOutput) { $0.contains(#""requestId":"second""#) }
        // Its call took longer than those that were shown.
        try audit.insert("late", age: "50 seconds")
        try child.waitForLine(on: .standardOutput) { $0.contains(#""requestId":"late""#) }
        try audit.insert("third", age: "0 seconds")
        try child.waitForLine(on: .standardOutput) { $0.contains(#""requestId":"third""#) }
        child.signal(SIGINT)
        #expect(try child.waitForExit() == .signalled(SIGINT))
        #expect(
            try child.standardOutput.split(separator: "\n").map(requestID) == ["first", "second", "late", "third"])
    }

    @Test func `following ends with the database`() throws {
        let server = try PrivatePostgreSQL()
        let environment = ["DATABASE_URL": server.database.tcpConnectionString, "PATH": Locations.path]
        #expect(try runFacade(["migrate"], environment: environment).exit == .exited(0))
        let child = try ChildProcess(
            Locations.product("heartbeat-facade"), ["audit", "--follow"], environment: environment)
        try child.waitForLine(on: .standardOutput) { $0.hasPrefix("TIME") }
        server.kill9()
        #expect(try child.waitForExit() == .exited(1))
        #expect(child.standardError.hasPrefix("error: "))
    }

    @Test(arguments: [
        ["--since", "yesterday"], ["--since", "1"], ["--limit", "0"], ["--limit", "100001"], ["--outcome", "recoded"],
        ["--token", ""], ["--token", "file:///nowhere"], ["--token", "a\u{7}"], ["--token", "sha256:e3b98a4da31a"],
        ["erase"], ["erase", "--caller", "a"],
        ["erase", "--before", "soon", "--yes"], ["erase", "--before", "2026-02-30", "--yes"],
        ["erase", "--before", "2026-11-21T25:00:00Z", "--yes"],
    ])
    func `wrong usage is 64`(arguments: [String]) throws {
        let output = try runFacade(["audit"] + arguments, environment: ["DATABASE_URL": "postgres://127.0.0.1:1/x"])
        #expect(output.exit == .exited(64))
        #expect(output.standardError.hasPrefix("Error: "))
    }

    @Test(arguments: [[], ["erase", "--caller", "a", "--yes"]])
    func `without a database it is 1, and 78 where none is said`(arguments: [String]) throws {
        let away = try runFacade(["audit"] + arguments, environment: ["DATABASE_URL": "postgres://127.0.0.1:1/x"])
        #expect(away.exit == .exited(1))
        #expect(away.standardError.hasPrefix("error: "))
        #expect(try runFacade(["audit"] + arguments).exit == .exited(78))
    }

    @Test func `erasing takes what it is told to, and nothing else`() throws {
        let audit = try AuditDatabase()
        for (id, caller, age) in [
            ("1", "a", "2 days"), ("2", "b", "2 days"), ("3", "a", "0 days"), ("4", "b", "0 days"),
        ] {
            try audit.insert(id, caller: caller, age: age)
        }
        let refused = try audit.audit("erase", "--caller", "a")
        #expect(refused.exit == .exited(64))
        #expect(refused.standardError.contains("--yes"))
        #expect(try audit.left == ["1", "2", "3", "4"])
        let yesterday = try audit.database.query("SELECT (now() AT TIME ZONE 'UTC' - interval '1 day')::date")[0][0]
        let first = try audit.audit("erase", "--caller", "a", "--before", yesterday, "--yes")
        #expect(first.exit == .exited(0))
        #expect(first.standardOutput == "erased 1 rows\n")
        #expect(try audit.left == ["2", "3", "4"])
        let second = try audit.audit("erase", "--before", "\(yesterday)T23:59:59+00:00", "--yes")
        #expect(second.standardOutput == "erased 1 rows\n")
        #expect(try audit.audit("erase", "--caller", "b", "--yes").standardOutput == "erased 1 rows\n")
        #expect(try audit.left == ["3"])
        #expect(try audit.audit("erase", "--caller", "b", "--yes").standardOutput == "erased 0 rows\n")
    }
}
