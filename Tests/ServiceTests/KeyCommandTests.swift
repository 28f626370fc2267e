import Foundation
import TestSupport
import Testing

/// The commands, on a migrated database of their own.
private struct KeyCommands {
    let database: PrivatePostgreSQL.Database

    init() throws {
        database = try PrivatePostgreSQL.shared().createDatabase()
        let migrated = try runFacade(["migrate"], environment: environment)
        guard migrated.exit == .exited(0) else { throw SupportError(migrated.standardError) }
    }

    var environment: [String: String] { ["DATABASE_URL": database.connectionString] }

    func callAsFunction(_ arguments: String...) throws -> ChildProcess.Output {
        try runFacade(["keys"] + arguments, environment: environment)
    }

    /// What a command that succeeds says with `--json`, an object a line.
    func objects(_ arguments: String...) throws -> [[String: Any]] {
        let output = try runFacade(["keys"] + arguments + ["--json"], environment: environment)
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
        return try output.standardOutput.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }

    func object(_ arguments: String...) throws -> [String: Any] {
        let output = try runFacade(["keys"] + arguments + ["--json"], environment: environment)
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
        return try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any] ?? [:]
    }
}

private func text(_ object: [String: Any], _ name: String) throws -> String {
    try #require(object[name] as? String, "\(name)")
}

private func time(_ object: [String: Any], _ name: String) throws -> Date {
    try Date(text(object, name), strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
}

@Suite(.timeLimit(.minutes(10)))
struct KeyCommandTests {
    private let keys: KeyCommands

    init() throws {
        keys = try KeyCommands()
    }

    @Test func `a key is made with all that it is good for, and its secret is shown once and stored nowhere`() throws {
        let made = try keys.object(
            "create", "batch", "--expires", "90d", "--scope", "audit", "--scope", "heartbeat", "--rate", "10/s:50",
            "--network", "10.0.0.0/8", "--network", "2001:db8::1")
        let key = try text(made, "key")
        #expect(key.wholeMatch(of: /hbf_[0-9A-Za-z]{44}/) != nil)
        let id = try text(made, "id")
        #expect(key.hasPrefix("hbf_\(id)"))
        #expect(try text(made, "name") == "batch")
        #expect(try text(made, "state") == "active")
        #expect(made["scopes"] as? [String] == ["heartbeat", "audit"])
        #expect(try text(made, "rateLimit") == "10/s:50")
        #expect(made["networks"] as? [String] == ["10.0.0.0/8", "2001:db8::1"])
        #expect(try time(made, "expiresAt").timeIntervalSince(time(made, "createdAt")) == 90 * 86_400)
        #expect(made["revokedAt"] == nil)
        #expect(made["lastUsedAt"] == nil)
        let secret = key.dropFirst(12).prefix(30)
        #expect(try keys.database.query("SELECT heartbeat_api_keys::text FROM heartbeat_api_keys").count == 1)
        #expect(try !keys.database.query("SELECT * FROM heartbeat_api_keys")[0].joined().contains(secret))
        for arguments in [["list"], ["list", "--json"], ["show", id], ["show", id, "--json"], ["revoke", id]] {
            let output = try runFacade(["keys"] + arguments, environment: keys.environment)
            #expect(output.exit == .exited(0))
            #expect(output.standardOutput.contains(id))
            #expect(!(output.standardOutput + output.standardError).contains(secret))
        }
    }

    @Test func `people read the same`() throws {
        let made = try keys("create", "worker-7", "--network", "192.0.2.1")
        #expect(made.exit == .exited(0))
        #expect(made.standardOutput.wholeMatch(of: /hbf_[0-9A-Za-z]{44}\n/) != nil)
        let id = String(made.standardOutput.dropFirst(4).prefix(8))
        #expect(
            made.standardError == "The key of worker-7, shown this once; its id is \(id):\n")
        let lines = try keys("list").standardOutput.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("ID        STATE   CREATED"))
        #expect(lines[1].hasPrefix("\(id)  active  20"))
        #expect(lines[1].hasSuffix("  never    -          heartbeat  -     192.0.2.1  worker-7"))
        let shown = try keys("show", "hbf_\(id)").standardOutput
        #expect(shown.hasPrefix("id: \(id)\nname: worker-7\nstate: active\ncreated: 20"))
        #expect(
            shown.hasSuffix(
                """
                expires: never
                revoked: -
                last used: -
                scopes: heartbeat
                rate limit: -
                networks: 192.0.2.1

                """))
        #expect(try keys("revoke", id).standardOutput == "revoked \(id) of worker-7\n")
        #expect(try keys("show", id).standardOutput.contains("\nstate: revoked\n"))
    }

    @Test func `a rotated key's place is taken by another of its kind, and it goes after the overlap`() throws {
        let old = try keys.object(
            "create", "batch", "--expires", "90d", "--scope", "admin", "--rate", "5/s", "--network", "10.0.0.0/8")
        let id = try text(old, "id")
        let new = try keys.object("rotate", id, "--overlap", "2h")
        #expect(try text(new, "id") != id)
        #expect(try text(new, "key") != text(old, "key"))
        for name in ["name", "rateLimit"] { #expect(try text(new, name) == text(old, name)) }
        for name in ["scopes", "networks"] { #expect(new[name] as? [String] == old[name] as? [String]) }
        #expect(try time(new, "expiresAt").timeIntervalSince(time(new, "createdAt")) == 90 * 86_400)
        var shown = try keys.object("show", id)
        #expect(try text(shown, "state") == "active")
        #expect(try time(shown, "expiresAt").timeIntervalSince(time(new, "createdAt")) == 7200)
        // A longer overlap does not lengthen its life.
        _ = try keys.object("rotate", id, "--overlap", "9d")
        #expect(try text(keys.object("show", id), "expiresAt") == text(shown, "expiresAt"))
        _ = try keys.object("rotate", id, "--overlap", "0s")
        shown = try keys.object("show", id)
        #expect(try text(shown, "state") == "revoked")
        let refused = try keys("rotate", id)
        #expect(refused.exit == .exited(1))
        #expect(refused.standardError.contains("there is no active API key with the id \(id)"))
        #expect(try keys.objects("list").count == 4)
    }

    @Test func `a key is revoked once, and stays so`() throws {
        let id = try text(keys.object("create", "batch"), "id")
        let revoked = try keys.object("revoke", id)
        #expect(try text(revoked, "state") == "revoked")
        #expect(try text(keys.object("revoke", id), "revokedAt") == text(revoked, "revokedAt"))
    }

    @Test func `an unknown id is 1, wrong usage is 64, no database 78`() throws {
        for command in ["show", "rotate", "revoke"] {
            let unknown = try keys(command, "00000000")
            #expect(unknown.exit == .exited(1))
            #expect(unknown.standardError.contains("API key with the id 00000000"))
            #expect(try keys(command, "0000").exit == .exited(64))
            #expect(try runFacade(["keys", command, "00000000"]).exit == .exited(78))
        }
        #expect(try runFacade(["keys", "list"]).exit == .exited(78))
        for options in [
            ["--expires", "soon"], ["--expires", "0s"], ["--expires", "500ms"], ["--rate", "10"], ["--rate", "0/s"],
            ["--network", "10.0.0.1/8"], ["--network", "here"], ["--scope", "all"],
        ] {
            let output = try runFacade(["keys", "create", "a"] + options, environment: keys.environment)
            #expect(output.exit == .exited(64), "\(options)")
        }
        #expect(try keys("rotate", "00000000", "--overlap", "long").exit == .exited(64))
        #expect(try keys.objects("list").isEmpty)
    }

    @Test func `without a database a key comes with its line, which has no place for what the table keeps`() throws {
        let output = try runFacade(["keys", "create", "ops", "--scope", "audit", "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any]
        let made = try #require(object)
        #expect(try text(made, "key").wholeMatch(of: /hbf_[0-9A-Za-z]{44}/) != nil)
        #expect(try text(made, "line").wholeMatch(of: /ops:[0-9a-f]{64}:audit/) != nil)
        for options in [["--expires", "1d"], ["--rate", "1/s"], ["--network", "::1"]] {
            let refused = try runFacade(["keys", "create", "ops"] + options)
            #expect(refused.exit == .exited(64))
            #expect(refused.standardError.contains("DATABASE_URL"))
        }
    }

    @Test func `where the table is not there yet it is said what makes it`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let output = try runFacade(
            ["keys", "create", "a"], environment: ["DATABASE_URL": database.connectionString])
        #expect(output.exit == .exited(1))
        #expect(output.standardOutput.isEmpty)
        #expect(output.standardError.contains("run heartbeat-facade migrate"))
    }
}
