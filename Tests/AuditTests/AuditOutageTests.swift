import EventLoop
import Heartbeat
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

@Suite(.timeLimit(.minutes(10)))
struct AuditOutageTests {
    @Test func `rows fail while PostgreSQL is away, at the start and later, and are kept once it is back`() throws {
        let server = try PrivatePostgreSQL()
        let database = server.database
        try EventLoop.run { loop in try await database.migrate(on: loop) }
        try server.stop()
        let (results, rows, changes) = try EventLoop.run { loop in
            let fixture = Fixture(database.tcpConnectionString, on: loop)
            defer { fixture.writer.stop() }
            await fixture.untilUnavailable()
            var results = [await fixture.append(.make("absent"))]
            try await blocking { try server.start() }
            await fixture.untilAvailable()
            results.append(await fixture.append(.make("appeared")))
            try await blocking { server.kill9() }
            await fixture.untilUnavailable()
            results.append(await fixture.append(.make("killed")))
            try await blocking { try server.start() }
            await fixture.untilAvailable()
            results.append(await fixture.append(.make("back")))
            let changes = fixture.events.all.filter {
                switch $0 {
                case .available, .unavailable: true
                default: false
                }
            }
            let rows = try await database.rows(
                "SELECT request_id FROM heartbeat_audit ORDER BY request_id", on: loop)
            return (results, rows, changes.count)
        }
        #expect(results == [.unavailable, nil, .unavailable, nil])
        #expect(rows == [["appeared"], ["back"]])
        #expect(changes == 4)
    }

    @Test func `rows in flight when the server is killed are committed once, after its return`() throws {
        let server = try PrivatePostgreSQL()
        let database = server.database
        let (results, rows) = try EventLoop.run { loop in
            try await database.migrate(on: loop)
            let fixture = Fixture(database.tcpConnectionString, on: loop)
            defer { fixture.writer.stop() }
            await fixture.untilAvailable()
            let results = Results()
            let done = Wakeup(on: loop)
            // Nothing is answered any more, so that the statement is in flight when the server goes.
            try await blocking { server.pause() }
            loop.spawn {
                results.values = await fixture.append((0..<20).map { .make("r\($0)") })
                done.signal()
            }
            await fixture.events.wait { $0 == .pending(rows: 20) }
            try await blocking {
                server.kill9()
                try server.start()
            }
            await done.wait()
            let rows = try await database.rows(
                "SELECT count(*), count(DISTINCT request_id) FROM heartbeat_audit", on: loop)
            return (results.values, rows)
        }
        #expect(results == Array(repeating: nil, count: 20))
        #expect(rows == [["20", "20"]])
    }

    @Test func `a row sent twice is kept once`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let rows = try EventLoop.run { loop in
            try await database.migrate(on: loop)
            try await withConnection(database.connectionString, on: loop) { connection in
                let id = UUIDv7(milliseconds: 1, random: (2, 3))
                let rows = ParameterArrays(rows: [RowEncoder(instance: "i").encode(AuditRow.make("r"), id: id)])
                for _ in 0..<2 { try await connection.execute(Schema.insert, parameters: rows) }
            }
            return try await database.rows("SELECT id FROM heartbeat_audit", on: loop)
        }
        #expect(rows == [["00000000-0001-7002-8000-000000000003"]])
    }

    @Test func `a server that hangs fails rows in time, and is used again when it answers`() throws {
        let server = try PrivatePostgreSQL()
        let database = server.database
        let (failures, fault, later) = try EventLoop.run { loop in
            try await database.migrate(on: loop)
            let fixture = Fixture(database.tcpConnectionString, on: loop, settings: .impatient)
            defer { fixture.writer.stop() }
            await fixture.untilAvailable()
            try await blocking { server.pause() }
            let failures = await fixture.append([.make("a"), .make("b")]) + [await fixture.append(.make("c"))]
            let fault = fixture.status.fault
            try await blocking { server.resume() }
            await fixture.untilAvailable()
            var later = await fixture.append(.make("later"))
            // A busy machine may take longer than so impatient a writer.
            while later != nil {
                await fixture.untilAvailable()
                later = await fixture.append(.make("later"))
            }
            return (failures, fault, later)
        }
        #expect(failures == [.unavailable, .unavailable, .unavailable])
        #expect(fault?.contains("not committed") == true)
        #expect(later == nil)
    }

    @Test func `a statement that is never answered costs the connection`() throws {
        let server = try PrivatePostgreSQL()
        let database = server.database
        let reasons = try EventLoop.run { loop in
            try await database.migrate(on: loop)
            var settings = AuditWriter.Settings.patient
            settings.statementTimeout = .milliseconds(300)
            let fixture = Fixture(database.tcpConnectionString, on: loop, settings: settings)
            await fixture.untilAvailable()
            try await blocking { server.pause() }
            loop.spawn { _ = await fixture.append(.make("a")) }
            await fixture.untilUnavailable()
            fixture.writer.stop()
            try await blocking { server.resume() }
            return fixture.events.all.compactMap { if case .unavailable(let reason) = $0 { reason } else { nil } }
        }
        #expect(reasons == ["a statement was not answered in time"])
    }

    @Test func `without the table rows fail; once it is there they are kept, and nobody need ask`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let (before, reasons, after) = try EventLoop.run { loop in
            let fixture = Fixture(database.connectionString, on: loop)
            defer { fixture.writer.stop() }
            await fixture.untilUnavailable()
            let before = await fixture.append(.make("before"))
            try await database.migrate(on: loop)
            await fixture.untilAvailable()
            let after = await fixture.append(.make("after"))
            let reasons = fixture.events.all.compactMap {
                if case .unavailable(let reason) = $0 { reason } else { nil }
            }
            return (before, reasons, after)
        }
        #expect(before == .unavailable)
        #expect(after == nil)
        #expect(reasons == ["relation \"heartbeat_audit\" does not exist (SQLSTATE 42P01)"])
    }

    @Test func `a table that goes away under the writer fails rows until it is back`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let results = try EventLoop.run { loop in
            try await database.migrate(on: loop)
            let fixture = Fixture(database.connectionString, on: loop)
            defer { fixture.writer.stop() }
            await fixture.untilAvailable()
            var results = [await fixture.append(.make("a"))]
            _ = try await database.rows("ALTER TABLE heartbeat_audit RENAME TO elsewhere", on: loop)
            results.append(await fixture.append(.make("b")))
            _ = try await database.rows("ALTER TABLE elsewhere RENAME TO heartbeat_audit", on: loop)
            await fixture.untilAvailable()
            results.append(await fixture.append(.make("c")))
            return results
        }
        #expect(results == [nil, .unavailable, nil])
    }

    @Test func `a server that takes no writes is left, and tried again`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let results = try EventLoop.run { loop in
            try await database.migrate(on: loop)
            let set = "ALTER DATABASE \(database.name) SET default_transaction_read_only"
            _ = try await database.rows("\(set) = on", on: loop)
            let fixture = Fixture(database.connectionString, on: loop)
            defer { fixture.writer.stop() }
            await fixture.untilUnavailable()
            var results = [await fixture.append(.make("a"))]
            try await withConnection(database.connectionString, on: loop) { connection in
                try await connection.query("SET default_transaction_read_only = off")
                try await connection.query("\(set) = off")
            }
            await fixture.untilAvailable()
            results.append(await fixture.append(.make("b")))
            return results
        }
        #expect(results == [.unavailable, nil])
    }

    @Test func `a connection that is lost between statements is replaced before a row comes`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let result = try EventLoop.run { loop in
            try await database.migrate(on: loop)
            let fixture = Fixture(database.connectionString, on: loop)
            defer { fixture.writer.stop() }
            await fixture.untilAvailable()
            _ = try await database.rows(
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
                """, on: loop)
            await fixture.untilUnavailable()
            await fixture.untilAvailable()
            return await fixture.append(.make("a"))
        }
        #expect(result == nil)
    }
}
