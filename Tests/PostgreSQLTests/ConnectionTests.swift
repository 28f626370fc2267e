import EventLoop
import PostgreSQL
import TestSupport
import Testing

/// Runs `body` with a connection to the shared server.
private func connected<Value: Sendable>(
    _ body: @escaping @Sendable (Connection, EventLoop, String) async throws -> Value
) throws -> Value {
    let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
    return try EventLoop.run { loop in
        let connection = try await Connection.open(conninfo, on: loop)
        defer { connection.close() }
        return try await body(connection, loop, conninfo)
    }
}

@Suite(.timeLimit(.minutes(10)))
struct ConnectionTests {
    @Test func `a statement gives its rows, NULL as nil`() throws {
        let result = try connected { connection, _, _ in
            try await connection.query(
                "SELECT n, $1::text, nullif(n, 2), $2::bytea, $3::text FROM generate_series(1, 2) n",
                parameters: [.text("é😀"), .binary([0, 255]), .text(nil)])
        }
        #expect(
            result
                == QueryResult(
                    rows: [["1", "é😀", "1", "\\x00ff", nil], ["2", "é😀", nil, "\\x00ff", nil]], affectedRows: 2))
    }

    @Test func `an empty value is not NULL`() throws {
        let result = try connected { connection, _, _ in
            try await connection.query(
                "SELECT $1::text = '', $2::bytea = ''", parameters: [.text(""), .binary([])])
        }
        #expect(result.rows == [["t", "t"]])
    }

    @Test func `the columns of tuples arrive as arrays`() throws {
        let statement = Statement("SELECT $1::text[], $2::int2[]")
        let rows = try connected { connection, _, _ in
            var tuples: [BinaryTuple] = []
            for (text, number) in [("a\"b,{", nil), ("", -2)] as [(String, Int16?)] {
                tuples.append(
                    BinaryTuple(capacity: 100) { tuple in
                        tuple.append(text)
                        if let number { tuple.append(number) } else { tuple.appendNull() }
                    })
            }
            var rows: [[String?]] = []
            for tuples in [tuples, []] {
                rows += try await connection.execute(
                    statement, parameters: ParameterArrays(columnsOf: tuples, types: [.text, .smallint])
                ).rows
            }
            return rows
        }
        #expect(rows == [["{\"a\\\"b,{\",\"\"}", "{NULL,-2}"], ["{}", "{}"]])
    }

    @Test func `a refused statement says why, without values, and the connection goes on`() throws {
        let (error, next) = try connected { connection, _, _ in
            try await connection.query("CREATE TEMPORARY TABLE once (value text UNIQUE)")
            try await connection.query("INSERT INTO once VALUES ('secret')")
            let error = try await failure { () async throws(PostgreSQLError) in
                try await connection.query("INSERT INTO once VALUES ('secret')")
            }
            return (error, try await connection.query("SELECT 1").rows)
        }
        #expect(error.sqlState == "23505")
        #expect(error.sqlStateClass == "23")
        #expect(!error.isConnectionLost)
        #expect(!"\(error)".contains("secret"))
        #expect(next == [["1"]])
    }

    @Test func `a prepared statement runs again and again`() throws {
        let sums = try connected { connection, _, _ in
            let add = Statement("SELECT $1::int + 1")
            var sums: [String?] = []
            for number in 1...10 {
                let result = try await connection.execute(add, parameters: ParameterArrays([.text("\(number)")]))
                sums += result.rows.flatMap(\.self)
            }
            return sums
        }
        #expect(sums == (2...11).map(String.init))
    }

    @Test func `what is larger than the socket's buffers goes both ways`() throws {
        let length = 4 << 20
        let back = try connected { connection, _, _ in
            let result = try await connection.query(
                "SELECT $1::text", parameters: [.text(String(repeating: "x", count: length))])
            return result.rows[0][0]?.utf8.count
        }
        #expect(back == length)
    }

    @Test func `notices are no answers`() throws {
        let result = try connected { connection, _, _ in
            try await connection.query("DO $$ BEGIN RAISE WARNING 'look'; END $$")
            return try await connection.query("SELECT 1")
        }
        #expect(result.rows == [["1"]])
    }

    @Test func `the server is told who connects, in UTF-8`() throws {
        let result = try connected { connection, _, _ in
            try await connection.query(
                "SELECT current_setting('application_name'), current_setting('client_encoding')")
        }
        #expect(result.rows == [["heartbeat-facade", "UTF8"]])
    }

    @Test func `a connection that the server ends between statements is known to be lost`() throws {
        let (loss, next) = try connected { connection, loop, conninfo in
            let backend = try await connection.query("SELECT pg_backend_pid()").rows[0][0]
            let other = try await Connection.open(conninfo, on: loop)
            defer { other.close() }
            let lost = Wakeup(on: loop)
            connection.onEnd = { lost.signal() }
            try await other.query("SELECT pg_terminate_backend($1)", parameters: [.text(backend)])
            await lost.wait()
            let next = try await failure { () async throws(PostgreSQLError) in
                try await connection.query("SELECT 1")
            }
            return (connection.loss, next)
        }
        #expect(loss?.isConnectionLost == true)
        #expect(next == loss)
    }

    @Test func `a connection that the server ends within a statement fails it with the server's reason`() throws {
        let error = try connected { connection, _, _ in
            try await failure { () async throws(PostgreSQLError) in
                try await connection.query("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(3600)")
            }
        }
        #expect(error.sqlState == "57P01")
        #expect(error.isConnectionLost)
    }

    @Test func `a statement that is not answered in time costs the connection`() throws {
        let (error, loss) = try connected { connection, _, _ in
            let error = try await failure { () async throws(PostgreSQLError) in
                try await connection.query("SELECT pg_sleep(3600)", timeout: .milliseconds(20))
            }
            return (error, connection.loss)
        }
        #expect(error.isConnectionLost && loss == error)
    }

    @Test func `closing fails the statement that runs, and those that come`() throws {
        let (during, after) = try connected { connection, loop, _ in
            loop.spawn { connection.close() }
            let during = try await failure { () async throws(PostgreSQLError) in
                try await connection.query("SELECT pg_sleep(3600)")
            }
            let after = try await failure { () async throws(PostgreSQLError) in
                try await connection.query("SELECT 1")
            }
            return (during, after)
        }
        #expect(during.isConnectionLost && after == during)
    }

    @Test func `COPY is refused rather than waited for`() throws {
        let error = try connected { connection, _, _ in
            try await failure { () async throws(PostgreSQLError) in
                try await connection.query("COPY (SELECT 1) TO STDOUT")
            }
        }
        #expect(error.message.contains("COPY") && error.isConnectionLost)
    }

    @Test func `where nobody listens, opening fails`() throws {
        let port = try freePort()
        let error = try EventLoop.run { loop in
            try await failure { () async throws(PostgreSQLError) in
                _ = try await Connection.open("host=127.0.0.1 port=\(port)", on: loop)
            }
        }
        #expect(error.isConnectionLost && error.message.contains("refused"))
    }
}
