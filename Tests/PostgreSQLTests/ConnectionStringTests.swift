import EventLoop
import PostgreSQL
import TestSupport
import Testing

struct ConnectionStringTests {
    @Test(arguments: [
        "postgresql://user:s%2Fe%40cret@db.example:5432/audit?sslmode=require",
        "postgres://user@a.example:5432,b.example:5433/audit?target_session_attrs=read-write",
        "host=/var/run/postgresql dbname=audit", "host=@abstract", "",
    ])
    func `what libpq understands is accepted`(conninfo: String) {
        #expect(ConnectionString.fault(in: conninfo) == nil)
    }

    @Test(arguments: [
        // A slash ends the host, an @ the password.
        "postgresql://user:sec/ret@db.example/audit", "postgresql://user:sec@ret@db.example/audit",
        "postgresql://user:sec%zzret@db.example/audit", "password=sec ret", "sec ret",
        "postgresql://db.example/audit?sec=ret",
    ])
    func `a password that is not encoded is complained of, and not repeated`(conninfo: String) throws {
        let fault = try #require(ConnectionString.fault(in: conninfo))
        #expect(!fault.contains("sec") && !fault.contains("ret"))
    }

    @Test func `a bad connection string opens nothing`() throws {
        let error = try EventLoop.run { loop in
            try await failure { () async throws(PostgreSQLError) in
                _ = try await Connection.open("postgresql://user:sec/ret@db.example/audit", on: loop)
            }
        }
        #expect(error.message.contains("port") && error.isConnectionLost)
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func `a file may hold the connection string`(end: String) throws {
        let directory = try TemporaryDirectory()
        let conninfo = try PrivatePostgreSQL.shared().database.tcpConnectionString
        let path = try directory.write(conninfo + end, to: "database-url")
        let rows = try EventLoop.run { loop in
            let connection = try await Connection.open(ConnectionString.inFile(at: path), on: loop)
            defer { connection.close() }
            return try await connection.query("SELECT 1").rows
        }
        #expect(rows == [["1"]])
    }

    @Test func `a file that is not there opens nothing, and says which`() throws {
        let error = try EventLoop.run { loop in
            try await failure { () async throws(PostgreSQLError) in
                _ = try await Connection.open(ConnectionString.inFile(at: "/nowhere/database-url"), on: loop)
            }
        }
        #expect(error.message.contains("/nowhere/database-url") && error.isConnectionLost)
    }
}
