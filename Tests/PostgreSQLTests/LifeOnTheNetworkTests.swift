import EventLoop
import PostgreSQL
import TestSupport
import Testing

/// What becomes of one connection when the network or the server is at fault.
@Suite(.timeLimit(.minutes(10)))
struct LifeOnTheNetworkTests {
    @Test func `a peer that acknowledges nothing is given up`() throws {
        let port = try PrivatePostgreSQL.shared().port
        let proxy = try CuttingProxy(to: port)
        let conninfo = "host=127.0.0.1 port=\(proxy.port) user=postgres dbname=postgres tcp_user_timeout=200"
        // More than the buffers on the way take.
        let text = String(repeating: "x", count: 32 << 20)
        let error = try EventLoop.run { loop in
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            proxy.stall()
            return try await failure { () async throws(PostgreSQLError) in
                try await connection.query("SELECT $1::text", parameters: [.text(text)], timeout: .seconds(60))
            }
        }
        #expect(error.isConnectionLost)
        // By the system, and not for the statement's own time.
        #expect(!error.message.contains("not answered in time"))
    }

    @Test(arguments: [("", 5000), ("tcp_user_timeout=7000", 7000), ("tcp_user_timeout=0", 0)])
    func `how long that takes is set, unless the connection string says so`(
        setting: String, milliseconds: Int32
    ) throws {
        let proxy = try CuttingProxy(to: PrivatePostgreSQL.shared().port)
        let conninfo = "host=127.0.0.1 port=\(proxy.port) user=postgres dbname=postgres \(setting)"
        let options = try EventLoop.run { loop in
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            return socketOptions(connectedTo: proxy.port)
        }
        #expect(options == [SocketOptions(isKeptAlive: true, userTimeoutMilliseconds: milliseconds)])
    }

    @Test func `a cut connection is known to be lost, before a statement and within one`() throws {
        let proxy = try CuttingProxy(to: PrivatePostgreSQL.shared().port) { chunk in
            chunk.contains("cut here") ? .cut(after: chunk.bytes.count / 2) : .forward
        }
        let conninfo = "host=127.0.0.1 port=\(proxy.port) user=postgres dbname=postgres"
        let errors = try EventLoop.run { loop in
            let first = try await Connection.open(conninfo, on: loop)
            let lost = Wakeup(on: loop)
            first.onEnd = { lost.signal() }
            proxy.cut()
            await lost.wait()
            let second = try await Connection.open(conninfo, on: loop)
            let error = try await failure { () async throws(PostgreSQLError) in
                try await second.query("SELECT 'cut here'")
            }
            return [first.loss, error, second.loss]
        }
        #expect(errors.allSatisfy { $0?.isConnectionLost == true })
    }

    @Test func `a statement that the server cancels leaves the connection whole`() throws {
        let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
        let (error, rows) = try EventLoop.run { loop in
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            try await connection.query("SET statement_timeout = 20")
            let error = try await failure { () async throws(PostgreSQLError) in
                try await connection.query("SELECT pg_sleep(3600)")
            }
            return (error, try await connection.query("SELECT 1").rows)
        }
        #expect(error.sqlState == "57014")
        #expect(!error.callsForAnotherConnection)
        #expect(rows == [["1"]])
    }

    @Test(arguments: [
        ("SET idle_session_timeout = 20", "57P05"),
        ("SET idle_in_transaction_session_timeout = 20; BEGIN", "25P03"),
    ])
    func `a session that the server ends for being idle is lost with its reason`(setup: String, state: String) throws {
        let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
        let loss = try EventLoop.run { loop in
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            let lost = Wakeup(on: loop)
            connection.onEnd = { lost.signal() }
            for statement in setup.split(separator: ";") { try await connection.query(String(statement)) }
            await lost.wait()
            return connection.loss
        }
        #expect(loss?.isConnectionLost == true)
        #expect(loss?.sqlState == state)
    }
}
