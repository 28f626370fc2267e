import EventLoop
import Heartbeat
import PostgreSQL
import TestSupport
import Testing

@testable import Audit

@Suite(.timeLimit(.minutes(10)))
struct PartitionKeeperTests {
    @Test func `it waits for a server that is not there yet, and tells of it once`() throws {
        let server = try PrivatePostgreSQL()
        try server.stop()
        let conninfo = server.database.tcpConnectionString
        let events = try EventLoop.run { loop in
            let log = Events<PartitionKeeper.Event>(on: loop)
            let keeper = PartitionKeeper(
                conninfo: conninfo, retention: .seconds(86_400), on: loop, now: { AuditRow.noon }, log: log.add)
            keeper.start()
            await log.wait { if case .failed = $0 { true } else { false } }
            try await blocking { try server.start() }
            await log.wait { $0 == .rowsInDefaultPartition(0) }
            keeper.stop()
            return log.all
        }
        try #require(events.count == 3)
        guard case .changed(let steps) = events[1] else {
            Issue.record("\(events)")
            return
        }
        #expect(steps.count == 10)
    }

    @Test func `it can be stopped while the server is at work on an index`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        try database.makeFirstAuditTable(days: (19...27).map { ("2026-11-\($0)", "2026-11-\($0 + 1)") })
        try EventLoop.run { loop in
            try await withConnection(database.connectionString, on: loop) { other in
                try await other.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
                try await other.query("SELECT 1")
                let ready = Wakeup(on: loop)
                let keeper = PartitionKeeper(
                    conninfo: database.connectionString, retention: .seconds(86_400), on: loop,
                    now: { AuditRow.noon }, log: { _ in })
                keeper.start { ready.signal() }
                await ready.wait()
                try await database.untilWaiting("CREATE INDEX CONCURRENTLY%", on: loop)
                // The loop would not come to its end, nor this test, were the keeper still to wait.
                keeper.stop()
            }
        }
    }
}
