import EventLoop
import Heartbeat
import PostgreSQL
import Synchronization
import TestSupport
import Testing

@testable import Audit

/// A reader on a loop, of a database of its own.
private struct Reading {
    let reader: AuditReader
    let database: PrivatePostgreSQL.Database
    let loop: EventLoop

    func summary(
        _ token: String, caller: String? = nil, isOfToken: Bool = false
    ) async throws(AuditFailure) -> TaskSummary? {
        try await reader.summary(
            of: TaskHash(of: token), caller: caller.map { .init(name: $0, isOfToken: isOfToken) },
            deadline: .now + .seconds(60))
    }

    func records(
        _ token: String, caller: String? = nil, isOfToken: Bool = false, before position: AuditPosition? = nil,
        limit: Int = 1000,
        deadline: ContinuousClock.Instant = .now + .seconds(60)
    ) async throws(AuditFailure) -> [AuditRecord] {
        try await reader.records(
            of: TaskHash(of: token), caller: caller.map { .init(name: $0, isOfToken: isOfToken) },
            before: position, limit: limit, deadline: deadline)
    }

    func failure(deadline: ContinuousClock.Instant = .now + .seconds(60)) async -> AuditFailure? {
        do throws(AuditFailure) {
            _ = try await records("t", deadline: deadline)
            return nil
        } catch {
            return error
        }
    }

    func insert(_ rows: [AuditRow]) async throws {
        try await withConnection(database.connectionString, on: loop) { try await $0.insert(rows) }
    }
}

/// Runs `body` with a reader of a migrated database of its own, or of the one given.
private func reading<Value: Sendable>(
    _ given: PrivatePostgreSQL.Database? = nil, through conninfo: String? = nil,
    settings: AuditReader.Settings = AuditReader.Settings(),
    observe: @escaping @Sendable (AuditReader.Event) -> Void = { _ in },
    _ body: @escaping @Sendable (Reading) async throws -> Value
) throws -> Value {
    let database = try given ?? PrivatePostgreSQL.shared().createDatabase()
    return try EventLoop.run { loop in
        try await database.migrate(on: loop)
        let reader = AuditReader(
            conninfo: conninfo ?? database.tcpConnectionString, on: loop, settings: settings, observe: observe)
        let ended = Wakeup(on: loop)
        loop.spawn {
            await reader.run()
            ended.signal()
        }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(Reading(reader: reader, database: database, loop: loop)))
        } catch {
            result = .failure(error)
        }
        await reader.stop()
        await ended.wait()
        return try result.get()
    }
}

private func named(_ name: String) throws -> TaskHash {
    try TaskHash(named: TaskToken(secret: name), hash: TaskHasher().hash)
}

/// Keeps the events of any loop.
private final class SharedEvents: Sendable {
    private let events = Mutex<[AuditReader.Event]>([])

    var all: [AuditReader.Event] { events.withLock(\.self) }

    func add(_ event: AuditReader.Event) {
        events.withLock { $0.append(event) }
    }
}

@Suite(.timeLimit(.minutes(10)))
struct AuditReaderTests {
    @Test func `a pooler may give each read another session`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let pooler = try PgBouncer(before: PrivatePostgreSQL.shared(), poolSize: 2)
        let conninfo = pooler.connectionString(of: database)
        let counts = try reading(database, through: conninfo) { reading in
            try await reading.insert([storedRow("1"), storedRow("2", after: 10)])
            var counts = [try await reading.summary("t")?.count]
            // Takes the session that the statement was prepared in.
            try await withConnection(conninfo, on: reading.loop) { other in
                try await other.query("BEGIN")
                for _ in 0..<3 { counts.append(try await reading.summary("t")?.count) }
                try await other.query("ROLLBACK")
            }
            return counts
        }
        #expect(counts == [2, 2, 2, 2])
    }

    @Test func `a task goes by its token's SHA-256`() throws {
        let hash = try named("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(TaskHasher().hash(of: TaskToken(secret: "abc")) == hash)
        #expect(TaskHasher().hash(of: TaskToken(secret: "abd")) != hash)
    }

    @Test func `the last row, the first cancellation and the count are of the task alone, and of the caller`() throws {
        let summaries = try reading { reading in
            try await reading.insert([
                storedRow("1"), storedRow("2", after: 10, cancel: true), storedRow("3", after: 30, cancel: true),
                storedRow("4", after: 20, cancel: nil), storedRow("5", token: "other", after: 40),
                storedRow("6", caller: "b", after: 35, details: "x"),
            ])
            return [
                try await reading.summary("t"), try await reading.summary("t", caller: "a"),
                try await reading.summary("t", caller: "b"), try await reading.summary("t", caller: "c"),
                try await reading.summary("unknown"),
                // The SHA-256 of "t".
                try await reading.reader.summary(
                    of: named("sha256:e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8"),
                    caller: nil, deadline: .now + .seconds(60)),
            ]
        }
        #expect(summaries.map(\.?.last.requestID) == ["6", "3", "6", nil, nil, "6"])
        #expect(summaries.map(\.?.count) == [5, 4, 1, nil, nil, 5])
        let since = "2026-11-20T12:00:00.123466Z"
        #expect(summaries.map(\.?.cancelRequestedSince) == [since, since, nil, nil, nil, since])
        #expect(summaries[0]?.last.position.receivedAt == AuditRow.noon + 35)
        #expect(summaries[0]?.last.receivedAt == "2026-11-20T12:00:00.123491Z")
        #expect(summaries[0]?.last.details == "x")
    }

    @Test func `a task's first caller is whose heartbeat came first of those that SWF recorded`() throws {
        let callers = try reading { reading in
            var refused = storedRow("0", caller: "refused")
            refused.outcome = "unknown_task"
            try await reading.insert([
                storedRow("2", caller: "b", after: 20), storedRow("1", caller: "a", after: 10), refused,
                storedRow("3", token: "other", caller: "c"),
            ])
            var ofToken = storedRow("4", token: "signed", caller: "a")
            ofToken.caller?.authentication = .jwt
            try await reading.insert([ofToken])
            var callers: [Caller.Identity?] = []
            for token in ["t", "other", "unknown", "signed"] {
                callers.append(
                    try await reading.reader.firstCaller(
                        of: TaskHash(of: token), deadline: .now + .seconds(60)))
            }
            return callers
        }
        #expect(
            callers == [
                .init(name: "a", isOfToken: false), .init(name: "c", isOfToken: false), nil,
                .init(name: "a", isOfToken: true),
            ])
    }

    @Test func `every column is read as it was written`() throws {
        let sent = AuditRow(
            receivedAt: AuditRow.noon, requestID: "request", traceID: "0af7651916cd43dd8448eb211c80319c",
            caller: Caller(name: "käthe", authentication: .apiKey), clientAddress: "2001:db8::7",
            taskHash: TaskHash(of: "abc"),
            details: "half\0 \\u0000 \\\0 👩‍🚀", outcome: "unknown_task", status: 404,
            cancelRequested: true, fault: "UnknownResourceFault", upstreamRequestID: "upstream", attempts: 3,
            duration: .microseconds(1_234_567), relayed: true)
        let (full, bare) = try reading { reading in
            let fixture = Fixture(reading.database.connectionString, on: reading.loop)
            defer { fixture.writer.stop() }
            await fixture.untilAvailable()
            var bare = AuditRow.make("bare")
            bare.taskHash = TaskHash(of: "bare")
            #expect(await fixture.append([sent, bare]) == [nil, nil])
            return (try await reading.records("abc"), try await reading.records("bare"))
        }
        var expected = AuditRecord(
            position: AuditPosition(receivedAt: AuditRow.noon, id: try #require(full.first?.position.id)),
            receivedAt: "2026-11-20T12:00:00.123456Z", requestID: "request", outcome: "unknown_task", status: 404,
            attempts: 3, durationMicroseconds: 1_234_567, relayed: true, instance: "test")
        expected.traceID = sent.traceID
        expected.caller = "käthe"
        expected.authentication = "api_key"
        expected.clientAddress = "2001:db8::7"
        expected.taskTokenSHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        expected.details = sent.details
        expected.detailsLength = sent.detailsLength
        expected.cancelRequested = true
        expected.fault = "UnknownResourceFault"
        expected.upstreamRequestID = "upstream"
        #expect(full == [expected])
        let none = try #require(bare.first)
        #expect(
            [none.details, none.caller, none.fault, none.clientAddress, none.traceID] == [nil, nil, nil, nil, nil])
        #expect(none.cancelRequested == nil && none.detailsLength == nil && !none.relayed)
    }

    @Test func `pages walk the whole history once, newest first, while rows of the same time and newer ones come`()
        throws
    {
        let walked = try reading { reading in
            // Days apart, so that they lie in several partitions; four of each time, told apart by their ids.
            let day: Int64 = 86_400_000_000
            try await reading.insert(
                (0..<40).map { storedRow("\($0)", after: Int64($0 / 4 % 5) * day + Int64($0 / 20)) })
            var walked: [AuditRecord] = []
            while true {
                let page = try await reading.records("t", before: walked.last?.position, limit: 7)
                walked += page
                if page.count < 7 { return walked }
                try await withConnection(reading.database.connectionString, on: reading.loop) { connection in
                    try await connection.insert(storedRow("new", after: 6 * day), 1000 + walked.count)
                }
            }
        }
        #expect(walked.count == 40)
        #expect(Set(walked.map(\.requestID)) == Set((0..<40).map(String.init)))
        let positions = walked.map { ($0.position.receivedAt, $0.position.id) }
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func `a walk of a caller's rows meets nobody else's`() throws {
        let ids = try reading { reading in
            try await reading.insert(
                (0..<10).map { storedRow("\($0)", caller: $0 % 2 == 0 ? "a" : "b", after: Int64($0)) })
            return try await reading.records("t", caller: "b").map(\.requestID)
        }
        #expect(ids == ["9", "7", "5", "3", "1"])
    }

    @Test func `the rows of a token's caller are not those of the key or certificate of its name`() throws {
        let (ids, counts) = try reading { reading in
            try await reading.insert(
                [Caller.Authentication.apiKey, .jwt, .clientCertificate, .jwt].enumerated().map { number, way in
                    var row = storedRow("\(number)", after: Int64(number))
                    row.caller?.authentication = way
                    return row
                })
            var (ids, counts): ([[String]], [Int?]) = ([], [])
            for isOfToken in [false, true] {
                ids.append(try await reading.records("t", caller: "a", isOfToken: isOfToken).map(\.requestID))
                counts.append(try await reading.summary("t", caller: "a", isOfToken: isOfToken)?.count)
            }
            return (ids, counts)
        }
        #expect(ids == [["2", "0"], ["3", "1"]])
        #expect(counts == [2, 2])
    }

    @Test func `while PostgreSQL is away reading fails, and works again when it is back`() throws {
        let server = try PrivatePostgreSQL()
        let events = SharedEvents()
        let results = try reading(server.database, observe: events.add) { reading in
            var results = [await reading.failure()]
            try await blocking { server.kill9() }
            results.append(await reading.failure())
            try await blocking { try server.start() }
            while let failure = await reading.failure(deadline: .now + .seconds(1)) { results.append(failure) }
            return Array(results.prefix(2))
        }
        #expect(results == [nil, .unavailable])
        let changes = events.all.map { $0 == .available }
        #expect(changes.first == true)
        #expect(changes.last == true)
        #expect(zip(changes, changes.dropFirst()).allSatisfy { $0 != $1 } && changes.count >= 3)
    }

    @Test func `a reader that gets no answer fails at its deadline, and one beyond the limit at once`() throws {
        let server = try PrivatePostgreSQL()
        var settings = AuditReader.Settings()
        settings.readsPendingMax = 2
        let results = try reading(server.database, settings: settings) { reading in
            let first = await reading.failure()
            try await blocking { server.pause() }
            // Two that wait for ever, as long as nothing answers, and one too many.
            let waiting = Wakeup(on: reading.loop)
            let box = Results()
            for _ in 0..<2 {
                reading.loop.spawn {
                    box.values.append(await reading.failure(deadline: .now + .seconds(2)))
                    if box.values.count == 3 { waiting.signal() }
                }
            }
            reading.loop.spawn {
                box.values.append(await reading.failure(deadline: .now + .seconds(600)))
                if box.values.count == 3 { waiting.signal() }
            }
            await waiting.wait()
            let late = await reading.failure(deadline: .now)
            try await blocking { server.resume() }
            return [first] + box.values + [late]
        }
        #expect(results == [nil, .full, .unavailable, .unavailable, .unavailable])
    }

    @Test func `a table that is missing is no reason to connect again`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let events = SharedEvents()
        let results = try reading(database, observe: events.add) { reading in
            _ = try await database.rows("ALTER TABLE heartbeat_audit RENAME TO elsewhere", on: reading.loop)
            var results = [await reading.failure()]
            _ = try await database.rows("ALTER TABLE elsewhere RENAME TO heartbeat_audit", on: reading.loop)
            results.append(await reading.failure())
            return results
        }
        #expect(results == [.unavailable, nil])
        #expect(
            events.all == [
                .unavailable(reason: #"relation "heartbeat_audit" does not exist (SQLSTATE 42P01)"#), .available,
            ])
    }
}
