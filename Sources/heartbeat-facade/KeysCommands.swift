import ArgumentParser
import Authentication
import EventLoop
import PostgreSQL

struct KeysList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print all API keys of the table, the oldest first; their secrets nobody knows.")

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() throws {
        let keys = try withKeyTable { table throws(PostgreSQLError) in try await table.list() }
        let now = wallClockMicroseconds()
        for line in json ? keys.map({ KeyText.json($0, now: now) }) : KeyText.table(keys, now: now) {
            printResult(line)
        }
    }
}

struct KeysShow: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print what is known of an API key.")

    @Argument(help: KeyID.help)
    var id: KeyID

    @Flag(help: "One JSON object.")
    var json = false

    func run() throws {
        let id = id
        let key = try found(try withKeyTable { table throws(PostgreSQLError) in try await table.key(id.text) }, id)
        let now = wallClockMicroseconds()
        for line in json ? [KeyText.json(key, now: now)] : KeyText.lines(key, now: now) { printResult(line) }
    }
}

struct KeysRotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Make a key in the place of another one.",
        discussion: """
            Prints the new key, which is shown this once. It is good for what the old one is good for, and for as long \
            from now on. The old one stays good for a while, so that both are at hand while callers change over.
            """)

    @Argument(help: KeyID.help)
    var id: KeyID

    @Option(help: "How long the old key stays good, such as 24h; 0s: it is revoked at once.")
    var overlap = "24h"

    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        guard DurationText.duration(overlap) != nil else {
            throw ValidationError("--overlap takes a duration such as 24h, or 0s.")
        }
    }

    func run() throws {
        let id = id
        let overlap = DurationText.duration(overlap) ?? .zero
        let key = try APIKey.generate()
        let made = try withKeyTable { table throws(PostgreSQLError) in
            try await table.rotate(id.text, to: key, overlap: overlap)
        }
        try KeyText.printOnce(key, try found(made, id, "there is no active API key"), json: json)
    }
}

struct KeysRevoke: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Have an API key refused from now on, for good.",
        discussion: "Running services refuse it within a second of this command's end.")

    @Argument(help: KeyID.help)
    var id: KeyID

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let id = id
        let key = try found(try withKeyTable { table throws(PostgreSQLError) in try await table.revoke(id.text) }, id)
        let now = wallClockMicroseconds()
        printResult(json ? KeyText.json(key, now: now) : "revoked \(key.id) of \(key.name)")
    }
}
