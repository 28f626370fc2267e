import EventLoop
import Heartbeat
import PostgreSQL
import Spool
import Synchronization
import TestSupport
import Testing

@testable import Audit

/// What a replayer tells, for any thread to look at.
private final class ReplayEvents: Sendable {
    private let all = Mutex<[SpoolReplayer.Event]>([])

    func add(_ event: SpoolReplayer.Event) { all.withLock { $0.append(event) } }

    var rejected: [SpoolReplayer.Event] {
        all.withLock { $0.filter { if case .rejected = $0 { true } else { false } } }
    }
}

/// Runs `body` with a spool and a replayer on the test's loop.
private func spooling<Value: Sendable>(
    _ conninfo: String, limitBytes: Int = 1 << 20,
    _ body: @escaping @Sendable (Spool, SpoolReplayer, ReplayEvents, EventLoop) async throws -> Value
) throws -> Value {
    let directory = try TemporaryDirectory()
    let path = directory.file("spool")
    let value = try EventLoop.run { loop in
        let spool = try await Spool.open(Spool.Settings(directory: path, limitBytes: limitBytes), on: loop)
        let events = ReplayEvents()
        let replayer = SpoolReplayer(spool, conninfo: conninfo, observe: events.add)
        let value = try await body(spool, replayer, events, loop)
        await replayer.stop()
        await spool.close()
        return value
    }
    _ = directory
    return value
}

extension Spool {
    /// Waits until all records are acknowledged.
    fileprivate func untilEmpty(on loop: EventLoop) async {
        while status.snapshot.records > 0 { await loop.pause(for: .milliseconds(5)) }
    }
}

private let countRows = "SELECT request_id, count(*) FROM heartbeat_audit GROUP BY 1 ORDER BY 1"

@Suite(.timeLimit(.minutes(10)))
struct SpoolingTests {
    @Test func `rows are kept on disk while PostgreSQL is away, and brought home once each`() throws {
        let server = try PrivatePostgreSQL()
        let database = server.database
        try EventLoop.run { loop in try await database.migrate(on: loop) }
        try server.stop()
        let (failures, spooled, rows) = try spooling(database.tcpConnectionString) { spool, replayer, _, loop in
            let fixture = Fixture(database.tcpConnectionString, on: loop, spool: spool)
            defer { fixture.writer.stop() }
            await fixture.untilUnavailable()
            let failures = await fixture.append((0..<20).map { .make("r\($0)", details: "50 %") })
            let spooled = spool.status.snapshot.records
            loop.spawn { await replayer.run() }
            try await blocking { try server.start() }
            await spool.untilEmpty(on: loop)
            return (failures, spooled, try await database.rows(countRows, on: loop))
        }
        #expect(failures == Array(repeating: nil, count: 20))
        #expect(spooled == 20)
        #expect(rows.count == 20 && rows.allSatisfy { $0[1] == "1" })
    }

    @Test func `rows that PostgreSQL does not commit in time go to disk, later ones at once, and none is there twice`()
        throws
    {
        let server = try PrivatePostgreSQL()
        let database = server.database
        let (failures, spooled, rows) = try spooling(database.tcpConnectionString) { spool, replayer, _, loop in
            try await database.migrate(on: loop)
            let fixture = Fixture(database.tcpConnectionString, on: loop, spool: spool, settings: .impatient)
            defer { fixture.writer.stop() }
            await fixture.untilAvailable()
            try await blocking { server.pause() }
            var failures = await fixture.append([.make("sent"), .make("waits")])
            failures.append(await fixture.append(.make("later")))
            await fixture.writer.flush()
            let spooled = spool.status.snapshot.records
            try await blocking { server.resume() }
            await fixture.untilAvailable()
            loop.spawn { await replayer.run() }
            await spool.untilEmpty(on: loop)
            return (failures, spooled, try await database.rows(countRows, on: loop))
        }
        #expect(failures == [nil, nil, nil])
        #expect(spooled == 3)
        #expect(rows == [["later", "1"], ["sent", "1"], ["waits", "1"]])
    }

    @Test func `rows that the server refuses go to disk until it takes them`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (failures, rows) = try spooling(database.connectionString) { spool, replayer, _, loop in
            try await database.migrate(on: loop)
            let fixture = Fixture(database.connectionString, on: loop, spool: spool)
            defer { fixture.writer.stop() }
            await fixture.untilAvailable()
            _ = try await database.rows("ALTER TABLE heartbeat_audit RENAME TO elsewhere", on: loop)
            let failures = await fixture.append([.make("a"), .make("b")])
            loop.spawn { await replayer.run() }
            _ = try await database.rows("ALTER TABLE elsewhere RENAME TO heartbeat_audit", on: loop)
            await spool.untilEmpty(on: loop)
            return (failures, try await database.rows(countRows, on: loop))
        }
        #expect(failures == [nil, nil])
        #expect(rows == [["a", "1"], ["b", "1"]])
    }

    @Test func `rows that no partition is there for wait until there is one`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (failures, corrupt, rows) = try spooling(database.connectionString) { spool, replayer, _, loop in
            try await database.migrate(on: loop)
            let fixture = Fixture(database.connectionString, on: loop, spool: spool)
            defer { fixture.writer.stop() }
            await fixture.untilAvailable()
            _ = try await database.rows("DROP TABLE heartbeat_audit_default", on: loop)
            let failures = await fixture.append([.make("a", receivedAt: 0), .make("b", receivedAt: 1)])
            loop.spawn { await replayer.run() }
            _ = try await database.rows(
                "CREATE TABLE heartbeat_audit_default PARTITION OF heartbeat_audit DEFAULT", on: loop)
            await spool.untilEmpty(on: loop)
            return (failures, spool.status.snapshot.corruptSegments, try await database.rows(countRows, on: loop))
        }
        #expect(failures == [nil, nil])
        #expect(corrupt == 0)
        #expect(rows == [["a", "1"], ["b", "1"]])
    }

    @Test func `rows fail where the spool is full too`() throws {
        let failures = try spooling("host=127.0.0.1 port=1", limitBytes: 2000) { spool, _, _, loop in
            let fixture = Fixture("host=127.0.0.1 port=1", on: loop, spool: spool)
            defer { fixture.writer.stop() }
            await fixture.untilUnavailable()
            var failures: [AuditFailure?] = []
            for number in 0..<40 { failures.append(await fixture.append(.make("r\(number)"))) }
            let told = fixture.events.all.filter { if case .spoolFailed = $0 { true } else { false } }
            #expect(told.count == 1)
            return failures
        }
        #expect(failures.first == .some(nil))
        #expect(failures.last == .unavailable)
    }

    @Test func `a record that no row is, or that the server refuses, is set aside, and holds up no other`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (rejected, corrupt, rows) = try spooling(database.connectionString) { spool, replayer, events, loop in
            try await database.migrate(on: loop)
            func record(_ requestID: String, instance: String = "i", number: UInt64) -> [UInt8] {
                let id = UUIDv7(milliseconds: 1, random: (2, number))
                return [1] + RowEncoder(instance: instance).encode(AuditRow.make(requestID), id: id).bytes
            }
            // Text in the server's encoding has no such byte.
            let strange = record("strange", instance: "~", number: 1).map { $0 == UInt8(ascii: "~") ? 0xFF : $0 }
            let good = (2..<7).map { record("good\($0)", number: UInt64($0)) }
            try await spool.append(good[..<3] + [strange, [9, 9, 9]] + good[3...])
            loop.spawn { await replayer.run() }
            await spool.untilEmpty(on: loop)
            let rows = try await database.rows(countRows, on: loop)
            return (events.rejected, spool.status.snapshot.corruptSegments, rows)
        }
        #expect(rejected.count == 2)
        #expect(
            rejected.contains { if case .rejected("strange", let why) = $0 { why.contains("22021") } else { false } })
        #expect(corrupt == 1)
        #expect(rows.map { $0[0] } == (2..<7).map { "good\($0)" })
    }
}
