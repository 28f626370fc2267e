import EventLoop
import PostgreSQL
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct NotificationTests {
    @Test func `notifications come between statements and among their results`() throws {
        let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
        let (between, among) = try EventLoop.run { loop in
            let listener = try await Connection.open(conninfo, on: loop)
            let teller = try await Connection.open(conninfo, on: loop)
            let told = Wakeup(on: loop)
            var count = 0
            listener.onNotification = {
                count += 1
                told.signal()
            }
            try await listener.query("LISTEN notifications")
            try await teller.query("NOTIFY others")
            try await teller.query("NOTIFY notifications")
            await told.wait()
            let between = count
            // Two of one statement are told apart by what they say.
            try await listener.query("SELECT pg_notify('notifications', n::text) FROM generate_series(1, 2) n")
            while count < between + 2 { await told.wait() }
            let result = (between, count - between)
            listener.close()
            teller.close()
            return result
        }
        #expect((between, among) == (1, 2))
    }

    @Test func `a session of its own is known from one that a pooler lends`() throws {
        let server = try PrivatePostgreSQL.shared()
        let pooler = try PgBouncer(before: server, poolSize: 1)
        let conninfos = [server.database.tcpConnectionString, pooler.connectionString(of: server.database)]
        let own = try EventLoop.run { loop in
            var own: [Bool] = []
            for conninfo in conninfos {
                let connection = try await Connection.open(conninfo, on: loop)
                own.append(try await connection.hasOwnSession())
                connection.close()
            }
            return own
        }
        #expect(own == [true, false])
    }
}
