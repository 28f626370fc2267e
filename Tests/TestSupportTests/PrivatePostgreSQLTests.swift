import TestSupport
import Testing

struct PrivatePostgreSQLTests {
    @Test func `rows come back as they are`() throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        #expect(try database.query("SELECT 1 WHERE false") == [])
        #expect(try database.query("SELECT ''") == [[""]])
        #expect(
            try database.query("SELECT * FROM (VALUES (1, E'a|\\nb', true), (2, NULL, false)) AS t")
                == [["1", "a|\nb", "t"], ["2", PrivatePostgreSQL.null, "f"]])
        #expect(throws: SupportError.self) { try database.query("SELECT nonsense") }
    }

    @Test func `databases are apart`() throws {
        let (a, b) = (try PrivatePostgreSQL.shared().createDatabase(), try PrivatePostgreSQL.shared().createDatabase())
        try a.query("CREATE TABLE t (x int)")
        #expect(try a.query("SELECT to_regclass('t') IS NULL") == [["f"]])
        #expect(try b.query("SELECT to_regclass('t') IS NULL") == [["t"]])
        let psql = try ChildProcess.run("psql", ["-XAtqc", "SELECT current_database()", a.tcpConnectionString])
        #expect(psql.standardOutput == "\(a.name)\n")
    }

    @Test func `it is stopped, killed, frozen and comes back with its data`() throws {
        let server = try PrivatePostgreSQL()
        let database = try server.createDatabase()
        try database.query("CREATE TABLE t AS SELECT 1 AS x")
        try server.stop()
        #expect(throws: (any Error).self) { try RawHTTPClient(port: server.port) }
        #expect(throws: SupportError.self) { try database.query("SELECT 1") }
        try server.start()
        #expect(try database.query("SELECT x FROM t") == [["1"]])
        try database.query("INSERT INTO t VALUES (2)")
        server.kill9()
        #expect(throws: SupportError.self) { try database.query("SELECT 1") }
        try server.start()
        #expect(try database.query("SELECT x FROM t ORDER BY x") == [["1"], ["2"]])

        server.pause()
        let asking = try ChildProcess(
            "psql", ["-XAtqc", "SELECT 'thawed'", database.tcpConnectionString])
        #expect(throws: SupportError.self) { try asking.waitForExit(within: .milliseconds(100)) }
        server.resume()
        #expect(try asking.waitForExit() == .exited(0))
        #expect(asking.standardOutput == "thawed\n")
        server.kill9()
    }
}
