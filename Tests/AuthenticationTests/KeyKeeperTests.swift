import EventLoop
import Foundation
import Heartbeat
import PostgreSQL
import TestSupport
import Testing

@testable import Authentication

@Suite(.timeLimit(.minutes(10)))
struct KeyKeeperTests {
    /// Makes, rotates and revokes, and waits until the directory follows.
    private func followed(_ keeping: Keeping) async throws {
        let first = try await keeping.made("a")
        try await keeping.until { keeping.knows(first) }
        let second = try APIKey.generate()
        let rotated = try await keeping.table.rotate(first.identifier, to: second, overlap: .seconds(3600))
        #expect(rotated?.name == "a")
        try await keeping.until { keeping.knows(second) }
        #expect(keeping.knows(first))
        _ = try await keeping.table.revoke(first.identifier)
        try await keeping.until { !keeping.knows(first) }
        #expect(keeping.knows(second))
        let third = try APIKey.generate()
        _ = try await keeping.table.rotate(second.identifier, to: third, overlap: .zero)
        try await keeping.until { keeping.knows(third) }
        #expect(!keeping.knows(second))
    }

    @Test func `changes are told, and followed`() throws {
        try Keeping.run { keeping in
            try await followed(keeping)
            func isRead(_ event: KeyKeeper.Event) -> Bool {
                if case .read = event { true } else { false }
            }
            #expect(keeping.events.count == 1)
            #expect(keeping.events.allSatisfy(isRead))
        }
    }

    @Test func `behind a pooler that lends sessions they are asked for`() throws {
        let database = try PrivatePostgreSQL.Database.migrated()
        let pooler = try PgBouncer(before: PrivatePostgreSQL.shared(), poolSize: 2)
        try Keeping.run(database, conninfo: pooler.connectionString(of: database)) {
            $0.pollInterval = .milliseconds(20)
        } _: {
            try await followed($0)
        }
    }

    @Test func `what nobody told is found by reading all again`() throws {
        try Keeping.run {
            $0.reloadInterval = .milliseconds(20)
        } _: { keeping in
            let key = try await keeping.made()
            try await keeping.until { keeping.knows(key) }
            _ = try await keeping.query("UPDATE heartbeat_api_keys SET revoked_at = now()")
            try await keeping.until { !keeping.knows(key) }
        }
    }

    @Test func `a key that expires in the table is not read, one that expires later is`() throws {
        try Keeping.run { keeping in
            let (short, long) = (try await keeping.made(lifetime: .seconds(1)), try await keeping.made())
            try await keeping.until { keeping.knows(long) }
            // By the directory's own clock: nothing tells.
            try await keeping.until { !keeping.knows(short) }
            #expect(keeping.knows(long))
        }
    }

    @Test func `it waits for the table`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        try Keeping.run(database) { keeping in
            try await keeping.until { !keeping.events.isEmpty }
            #expect(!keeping.directory.status.isKnown)
            #expect(keeping.directory.status.fault?.contains("heartbeat_api_keys") == true)
            try await blocking { try database.migrate() }
            try await keeping.until { keeping.directory.status.isKnown }
            #expect(keeping.directory.status.fault == nil)
            let read = keeping.events.last
            #expect(read == .read(keys: 0))
            #expect(keeping.events.count == 2)
        }
    }

    @Test func `the last use is noted, and not more often than the interval`() throws {
        try Keeping.run {
            $0.useInterval = .milliseconds(20)
        } _: { keeping in
            let (used, idle) = (try await keeping.made("used"), try await keeping.made("idle"))
            try await keeping.until { keeping.knows(used) }
            try await keeping.until { try await keeping.table.key(used.identifier)?.lastUsedAt != nil }
            #expect(try await keeping.table.key(idle.identifier)?.lastUsedAt == nil)
        }
        try Keeping.run { keeping in
            let key = try await keeping.made()
            let notes: [(Int64, Int64)] = [
                (1_000_000_000, 1_000_000_000), (1_059_000_000, 1_000_000_000), (1_060_000_000, 1_060_000_000),
                (1_000_000_000, 1_060_000_000),
            ]
            for (usedAt, noted) in notes {
                try await keeping.table.note([(key.identifier, usedAt)], interval: .seconds(60))
                #expect(try await keeping.table.key(key.identifier)?.lastUsedAt == noted)
            }
        }
    }

    @Test func `a role that may only read serves, and says what it lacks`() throws {
        let database = try PrivatePostgreSQL.Database.migrated()
        let role = "\(database.name)_reader"
        try database.query("CREATE ROLE \(role) LOGIN; GRANT SELECT ON heartbeat_api_keys TO \(role)")
        let conninfo = "\(database.tcpConnectionString) user=\(role)"
        try Keeping.run(database, conninfo: conninfo) {
            $0.useInterval = .milliseconds(20)
        } _: { keeping in
            let key = try await keeping.made()
            try await keeping.until { keeping.knows(key) }
            func isUnnoted(_ event: KeyKeeper.Event) -> Bool {
                if case .usesNotNoted(let reason) = event { reason.contains("permission denied") } else { false }
            }
            try await keeping.until { keeping.events.contains(where: isUnnoted) }
            #expect(keeping.knows(key))
        }
    }

    @Test func `a role with the documented rights serves, and notes the last use`() throws {
        let database = try PrivatePostgreSQL.Database.migrated()
        let role = "\(database.name)_service"
        try database.makeServiceRole(role)
        try Keeping.run(database, conninfo: "\(database.tcpConnectionString) user=\(role)") {
            $0.useInterval = .milliseconds(20)
        } _: { keeping in
            let key = try await keeping.made()
            try await keeping.until { keeping.knows(key) }
            try await keeping.until { try await keeping.table.key(key.identifier)?.lastUsedAt != nil }
            #expect(keeping.events.allSatisfy { if case .read = $0 { true } else { false } })
        }
    }

    // MARK: The file

    @Test func `while PostgreSQL is away the known keys go on, in the next process too`() throws {
        let server = try PrivatePostgreSQL()
        let database = server.database
        try database.migrate()
        let spool = try TemporaryDirectory()
        let file = spool.file(KeyFile.name)
        let (key, revoked) = try Keeping.run(database, spoolDirectory: spool.path) { keeping in
            let (key, revoked) = (try await keeping.made(networks: "10.0.0.0/8"), try await keeping.made())
            try await keeping.until { keeping.knows(revoked) }
            _ = try await keeping.table.revoke(revoked.identifier)
            try await keeping.until { !keeping.knows(revoked) }
            let count = { (try? KeyFile.read(at: file))?.count }
            try await keeping.until { count() == 1 }
            try await blocking { try server.stop() }
            #expect(keeping.knows(key))
            return (key, revoked)
        }
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: spool.path) == [KeyFile.name])
        let events = try restarted(database.tcpConnectionString, spool.path) { directory in
            let callers = try ["10.0.0.1", "11.0.0.1"].map {
                try directory.caller(of: key.fingerprint, at: $0)?.isOutsideNetworks
            }
            #expect(callers == [false, true])
            let refused = try directory.caller(of: revoked.fingerprint, at: nil)
            #expect(refused == nil)
            #expect(directory.status.isKnown)
        }
        #expect(events == [.restored(keys: 1)])
    }

    @Test(arguments: ["", "nonsense", "heartbeat-facade API keys, version 1\n"])
    func `a file that is not whole is told of, and ignored`(text: String) throws {
        let spool = try TemporaryDirectory()
        let path = try spool.write(text, to: KeyFile.name)
        let events = try restarted("host=/nowhere", spool.path) { directory in
            #expect(!directory.status.isKnown)
            #expect(directory.status.keys == 0)
        }
        #expect(events == [.fileIgnored(path: path, reason: "its checksum is wrong")])
    }

    @Test func `a file that cannot be written is told of, and what it would hold is in force`() throws {
        let spool = try TemporaryDirectory()
        // Nothing can be put in its place.
        try FileManager.default.createDirectory(atPath: spool.file(KeyFile.name), withIntermediateDirectories: false)
        try Keeping.run(spoolDirectory: spool.path) { keeping in
            let key = try await keeping.made()
            try await keeping.until { keeping.knows(key) }
            func isUnwritten(_ event: KeyKeeper.Event) -> Bool {
                if case .notWritten = event { true } else { false }
            }
            try await keeping.until { keeping.events.contains(where: isUnwritten) }
        }
    }

    /// What a keeper tells that never reads the table, once `body` has looked.
    private func restarted(
        _ conninfo: String, _ spoolDirectory: String, _ body: @escaping @Sendable (KeyDirectory) throws -> Void
    ) throws -> [KeyKeeper.Event] {
        let events = Shared<[KeyKeeper.Event]>([])
        try EventLoop.run { loop in
            let directory = KeyDirectory()
            _ = KeyKeeper(directory, conninfo: conninfo, spoolDirectory: spoolDirectory, on: loop) { event in
                events.change { $0.append(event) }
            }
            try body(directory)
        }
        return events.value
    }
}
