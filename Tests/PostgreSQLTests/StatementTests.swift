import EventLoop
import TestSupport
import Testing

@testable import PostgreSQL

private let sum = "SELECT $1::int + 1"

@Suite(.timeLimit(.minutes(10)))
struct StatementTests {
    @Test func `a session of its own keeps what is prepared in it, under the statement's name`() throws {
        let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
        let statement = Statement(sum)
        let names = try EventLoop.run { loop in
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            for _ in 0..<2 { try await connection.execute(statement, parameters: ParameterArrays([.text("1")])) }
            return try await connection.query("SELECT name, statement FROM pg_prepared_statements").rows
        }
        #expect(names == [[statement.name, sum]])
        #expect(statement.isPreparable)
    }

    @Test func `the name follows from the text, and is as long as a name may be`() {
        let (one, same, other) = (Statement("SELECT 1"), Statement("SELECT 1"), Statement("SELECT 2"))
        #expect(one.name == same.name)
        #expect(one.name != other.name)
        let bytesMax = 63
        #expect(one.name.utf8.count <= bytesMax)
    }

    @Test func `a name that the session has already is done without, for good`() throws {
        let server = try PrivatePostgreSQL.shared()
        let pooler = try PgBouncer(before: server, poolSize: 1)
        let conninfo = pooler.connectionString(of: server.database)
        let (first, second) = (Statement(sum), Statement(sum))
        let results = try EventLoop.run { loop in
            let one = try await Connection.open(conninfo, on: loop)
            defer { one.close() }
            let two = try await Connection.open(conninfo, on: loop)
            defer { two.close() }
            var results: [[[String?]]] = []
            results.append(try await one.execute(first, parameters: ParameterArrays([.text("1")])).rows)
            // The pooler has one session for both.
            results.append(try await two.execute(second, parameters: ParameterArrays([.text("2")])).rows)
            results.append(try await two.execute(second, parameters: ParameterArrays([.text("3")])).rows)
            return results
        }
        #expect(results == [[["2"]], [["3"]], [["4"]]])
        #expect(first.isPreparable)
        #expect(!second.isPreparable)
    }

    @Test func `a name that the session does not know any more is done without, for good`() throws {
        let server = try PrivatePostgreSQL.shared()
        let database = try server.createDatabase()
        let pooler = try PgBouncer(before: server, poolSize: 1)
        let conninfo = pooler.connectionString(of: database)
        let statement = Statement(sum)
        let (rows, names) = try EventLoop.run { loop in
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            try await connection.execute(statement, parameters: ParameterArrays([.text("1")]))
            try await connection.query("DEALLOCATE ALL")
            let rows = try await connection.execute(statement, parameters: ParameterArrays([.text("2")])).rows
            return (rows, try await connection.query("SELECT name FROM pg_prepared_statements").rows)
        }
        #expect(rows == [["3"]])
        #expect(names == [])
        #expect(!statement.isPreparable)
    }

    @Test func `an error of the statement's own is told, and changes nothing`() throws {
        let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
        let (divide, nonsense) = (Statement("SELECT 1 / $1::int"), Statement("SELECT nonsense"))
        let states = try EventLoop.run { loop in
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            return try await [
                failure { () async throws(PostgreSQLError) in
                    try await connection.execute(divide, parameters: ParameterArrays([.text("0")]))
                },
                failure { () async throws(PostgreSQLError) in try await connection.execute(nonsense) },
            ].map(\.sqlState)
        }
        #expect(states == ["22012", "42703"])
        #expect(divide.isPreparable && nonsense.isPreparable)
    }

    @Test func `what libpq and the service set at a connection's start passes a pooler`() throws {
        let server = try PrivatePostgreSQL.shared()
        let pooler = try PgBouncer(before: server, poolSize: 2)
        // One that knows which servers take writes asks the server's parameters, or the server.
        let conninfo = "\(pooler.connectionString(of: server.database)) target_session_attrs=read-write"
        let rows = try EventLoop.run { loop in
            let connection = try await Connection.open(conninfo, on: loop)
            defer { connection.close() }
            return try await connection.query(
                "SELECT current_setting('client_encoding'), current_setting('application_name')"
            ).rows
        }
        #expect(rows == [["UTF8", "heartbeat-facade"]])
    }
}
