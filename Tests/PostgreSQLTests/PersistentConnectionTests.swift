import EventLoop
import PostgreSQL
import TestSupport
import Testing

/// What a persistent connection did, in order.
private final class History {
    enum Event {
        case up
        case interrupted
    }

    private(set) var events: [Event] = []
    private let changed: Wakeup

    init(on loop: EventLoop) {
        changed = Wakeup(on: loop)
    }

    func add(_ event: Event) {
        events.append(event)
        changed.signal()
    }

    /// Waits for more events like `event` than `count`.
    func wait(for event: Event, moreThan count: Int) async {
        while self.count(of: event) <= count { await changed.wait() }
    }

    func count(of event: Event) -> Int {
        events.count { $0 == event }
    }
}

@Suite(.timeLimit(.minutes(10)))
struct PersistentConnectionTests {
    @Test func `it comes up with the server, late, and again after each loss`() throws {
        let server = try PrivatePostgreSQL()
        try server.stop()
        let conninfo = server.database.tcpConnectionString
        let events = try EventLoop.run { loop in
            let history = History(on: loop)
            let connection = PersistentConnection(conninfo, on: loop)
            let ended = Wakeup(on: loop)
            loop.spawn {
                await connection.run(interrupted: { _ in history.add(.interrupted) }) {
                    connection throws(PostgreSQLError) in
                    try await connection.query("SELECT 1")
                    history.add(.up)
                    let lost = Wakeup(on: loop)
                    connection.onEnd = { lost.signal() }
                    await lost.wait()
                    if let loss = connection.loss { throw loss }
                }
                ended.signal()
            }
            await history.wait(for: .interrupted, moreThan: 1)
            let early = history.count(of: .up)
            try await blocking { try server.start() }
            await history.wait(for: .up, moreThan: 0)
            let failures = history.count(of: .interrupted)
            try await blocking { server.kill9() }
            await history.wait(for: .interrupted, moreThan: failures)
            try await blocking { try server.start() }
            await history.wait(for: .up, moreThan: 1)
            connection.stop()
            await ended.wait()
            return (early, history.count(of: .up))
        }
        #expect(events == (0, 2))
    }

    @Test func `one that has proven itself is replaced without a pause`() throws {
        let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
        let (connections, pauses) = try EventLoop.run { loop in
            let connection = PersistentConnection(conninfo, on: loop, provenAfter: .zero)
            var (connections, pauses) = (0, 0)
            await connection.run(
                interrupted: { if case .pausing = $0 { pauses += 1 } },
                use: { (lent) throws(PostgreSQLError) in
                    connections += 1
                    if connections == 3 { connection.stop() }
                    try await lent.query("SELECT pg_terminate_backend(pg_backend_pid())")
                })
            return (connections, pauses)
        }
        #expect(connections == 3)
        #expect(pauses == 0)
    }

    @Test func `one that the server ends for being idle is replaced without a pause, however young`() throws {
        let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
        let (connections, pauses) = try EventLoop.run { loop in
            let connection = PersistentConnection(conninfo, on: loop)
            var (connections, pauses) = (0, 0)
            await connection.run(
                interrupted: { if case .pausing = $0 { pauses += 1 } },
                use: { (lent) throws(PostgreSQLError) in
                    connections += 1
                    if connections == 3 { connection.stop() }
                    let lost = Wakeup(on: loop)
                    lent.onEnd = { lost.signal() }
                    try await lent.query("SET idle_session_timeout = 20")
                    await lost.wait()
                    if let loss = lent.loss { throw loss }
                })
            return (connections, pauses)
        }
        #expect(connections == 3)
        #expect(pauses == 0)
    }

    @Test func `stopped in its pause it returns`() throws {
        let port = try freePort()
        let wasUp = try EventLoop.run { loop in
            let history = History(on: loop)
            let connection = PersistentConnection("host=127.0.0.1 port=\(port)", on: loop)
            loop.spawn {
                await history.wait(for: .interrupted, moreThan: 0)
                connection.stop()
            }
            await connection.run(interrupted: { _ in history.add(.interrupted) }) { _ in history.add(.up) }
            return history.count(of: .up)
        }
        #expect(wasUp == 0)
    }
}
