import EventLoop
import Heartbeat
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

/// Runs `body` with a writer into a migrated database of its own.
private func writing<Value: Sendable>(
    settings: AuditWriter.Settings = .patient,
    _ body: @escaping @Sendable (Fixture, PrivatePostgreSQL.Database) async throws -> Value
) throws -> Value {
    let database = try PrivatePostgreSQL.shared().createDatabase()
    return try EventLoop.run { loop in
        try await database.migrate(on: loop)
        let fixture = Fixture(database.connectionString, on: loop, settings: settings)
        defer { fixture.writer.stop() }
        await fixture.untilAvailable()
        return try await body(fixture, database)
    }
}

@Suite(.timeLimit(.minutes(10)))
struct AuditWriterTests {
    @Test func `every column reads back as it was given`() throws {
        let row = AuditRow(
            receivedAt: AuditRow.noon, requestID: "request", traceID: "0af7651916cd43dd8448eb211c80319c",
            caller: Caller(name: "käthe", authentication: .apiKey), clientAddress: "2001:db8::7",
            taskHash: TaskHash(of: "abc"), details: "half\0 👩‍🚀", outcome: "unknown_task", status: 404,
            cancelRequested: true, fault: "UnknownResourceFault", upstreamRequestID: "upstream", attempts: 3,
            duration: .microseconds(1_234_567), relayed: true)
        let (failure, rows) = try writing { fixture, database in
            let failure = await fixture.append(row)
            return (
                failure,
                try await database.rows(
                    """
                    SELECT id::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]', received_at AT TIME ZONE 'UTC',
                        request_id, trace_id, caller, authentication, client_address, task_token_sha256, details,
                        details_length, outcome, status, cancel_requested, fault, upstream_request_id, attempts,
                        duration_us, relayed, instance
                    FROM heartbeat_audit
                    """, on: fixture.loop)
            )
        }
        #expect(failure == nil)
        #expect(
            rows == [
                [
                    "t", "2026-11-20 12:00:00.123456", "request", "0af7651916cd43dd8448eb211c80319c", "käthe",
                    "api_key",
                    "2001:db8::7", "\\xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                    #"half\u0000 👩‍🚀"#, "9", "unknown_task", "404", "t", "UnknownResourceFault", "upstream", "3",
                    "1234567", "t", "test",
                ]
            ])
    }

    @Test func `what is not given is NULL, and numbers too large are the largest`() throws {
        var row = AuditRow.make("request")
        row.duration = .seconds(1_000_000)
        row.attempts = 1_000_000
        row.clientAddress = "nowhere"
        let sent = row
        let rows = try writing { fixture, database in
            _ = await fixture.append(sent)
            return try await database.rows(
                """
                SELECT num_nulls(trace_id, caller, authentication, client_address, task_token_sha256, details,
                    details_length, cancel_requested, fault, upstream_request_id), attempts, duration_us, relayed
                FROM heartbeat_audit
                """, on: fixture.loop)
        }
        #expect(rows == [["10", "32767", "2147483647", "f"]])
    }

    @Test func `no details and empty details differ`() throws {
        let rows = try writing { fixture, database in
            _ = await fixture.append([.make("a"), .make("b", details: "")])
            return try await database.rows(
                "SELECT details, details_length FROM heartbeat_audit ORDER BY request_id", on: fixture.loop)
        }
        #expect(rows == [[nil, nil], ["", "0"]])
    }

    @Test func `rows that come together go in one statement, up to its limit`() throws {
        let (failures, statements, count) = try writing { fixture, database in
            let failures = await fixture.append((0..<2500).map { .make("r\($0)") })
            let count = try await database.rows(
                "SELECT count(*), count(DISTINCT request_id) FROM heartbeat_audit", on: fixture.loop)
            return (failures, fixture.statements, count)
        }
        #expect(failures.allSatisfy { $0 == nil })
        #expect(statements == [1000, 1000, 500])
        #expect(count == [["2500", "2500"]])
    }

    @Test func `rows that come while a statement runs go together in the next`() throws {
        let (failures, statements) = try writing { fixture, database in
            try await withConnection(database.connectionString, on: fixture.loop) { other in
                try await other.query("BEGIN")
                try await other.query("LOCK TABLE heartbeat_audit")
                let blocked = Wakeup(on: fixture.loop)
                let failures = Results()
                fixture.loop.spawn {
                    failures.values.append(await fixture.append(.make("first")))
                }
                await fixture.events.wait { $0 == .pending(rows: 1) }
                fixture.loop.spawn {
                    failures.values += await fixture.append((0..<50).map { .make("r\($0)") })
                    blocked.signal()
                }
                // The rows have come once these tasks have run, which were made before this one goes on.
                await runBlocking(named: "turn") {}
                try await other.query("COMMIT")
                await blocked.wait()
                return (failures.values, fixture.statements)
            }
        }
        #expect(failures == Array(repeating: nil, count: 51))
        #expect(statements == [1, 50])
    }

    @Test func `a row that the server refuses for its content fails alone`() throws {
        let (failures, rows, events) = try writing { fixture, database in
            _ = try await withConnection(database.connectionString, on: fixture.loop) {
                try await $0.query("ALTER TABLE heartbeat_audit ADD CHECK (request_id NOT LIKE 'bad%')")
            }
            // The second cannot even be read: its time is before the first that the server can tell.
            var sent = (0..<100).map { AuditRow.make("r\($0)") }
            sent[17] = .make("bad")
            sent[64] = .make("early", receivedAt: -300_000_000_000_000_000)
            let failures = await fixture.append(sent)
            let rows = try await database.rows("SELECT count(*) FROM heartbeat_audit", on: fixture.loop)
            return (failures, rows, fixture.events.all)
        }
        #expect(failures.indices.filter { failures[$0] == .unavailable } == [17, 64])
        #expect(rows == [["98"]])
        let rejected = events.compactMap { if case .rejected(let requestID, _) = $0 { requestID } else { nil } }
        #expect(rejected == ["bad", "early"])
        #expect(!events.contains { if case .unavailable = $0 { true } else { false } })
    }

    @Test func `past the limit of waiting rows a row is refused at once`() throws {
        var settings = AuditWriter.Settings.patient
        settings.rowsPendingMax = 3
        let failures = try writing(settings: settings) { fixture, database in
            await fixture.append((0..<5).map { .make("r\($0)") })
        }
        #expect(failures == [nil, nil, nil, .full, .full])
    }

    @Test func `a flush returns when all rows are committed`() throws {
        let (before, pending) = try writing { fixture, database in
            let results = Results()
            for index in 0..<10 {
                fixture.loop.spawn { results.values.append(await fixture.append(.make("r\(index)"))) }
            }
            await fixture.events.wait { $0 == .pending(rows: 10) }
            await fixture.writer.flush()
            await fixture.writer.flush()
            return (fixture.statements, fixture.writer.queue.count)
        }
        #expect(before == [10])
        #expect(pending == 0)
    }

    @Test func `stopped, it fails the rows that wait and those that come`() throws {
        let failures = try writing { fixture, database in
            try await withConnection(database.connectionString, on: fixture.loop) { other in
                try await other.query("BEGIN")
                try await other.query("LOCK TABLE heartbeat_audit")
                fixture.loop.spawn {
                    await fixture.events.wait { $0 == .pending(rows: 2) }
                    fixture.writer.stop()
                }
                let failures = await fixture.append([.make("a"), .make("b")])
                await fixture.writer.flush()
                return failures + [await fixture.append(.make("c"))]
            }
        }
        #expect(failures == [.unavailable, .unavailable, .unavailable])
    }
}

/// Results that come one by one.
final class Results {
    var values: [AuditFailure?] = []
}
