import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct FailoverTests {
    /// Of several servers, the one that takes rows.
    private static func conninfo(_ servers: [PrivatePostgreSQL]) -> String {
        let hosts = servers.map { _ in "127.0.0.1" }.joined(separator: ",")
        let ports = servers.map { "\($0.port)" }.joined(separator: ",")
        return "host=\(hosts) port=\(ports) user=postgres dbname=postgres target_session_attrs=read-write"
    }

    /// How a primary ends: with an error that tells why for each session, with another one, or without a word.
    enum Ending: CaseIterable {
        case fastShutdown
        case immediateShutdown
        case kill

        func apply(to server: PrivatePostgreSQL) throws {
            switch self {
            case .fastShutdown: try server.stop()
            case .immediateShutdown: try server.stopImmediately()
            case .kill: server.kill9()
            }
        }
    }

    @Test(arguments: Ending.allCases)
    func `rows go to the standby once it is promoted, and what was answered is there once`(ending: Ending) throws {
        let primary = try PrivatePostgreSQL()
        let standby = try PrivatePostgreSQL(standbyOf: primary, named: "standby")
        // What a statement's success says is then on the standby too.
        try primary.database.query("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        try primary.database.query("SELECT pg_reload_conf()")
        try eventually("the standby is synchronous") {
            try primary.database.query("SELECT sync_state FROM pg_stat_replication") == [["sync"]]
        }
        let stage = try Stage(Self.conninfo([primary, standby]), eventLoops: 2)
        let callers = Callers(3, of: stage)
        try callers.awaitSuccesses(50)
        try ending.apply(to: primary)
        let before = callers.succeeded
        #expect(try standby.database.query("SELECT pg_promote()") == [["t"]])
        try callers.awaitSuccesses(50)
        let answers = callers.finish()
        let rows = try standby.database.auditRows()
        #expect(before.count >= 50)
        #expect(answers.values.allSatisfy { $0 == 200 || $0 == 503 })
        #expect(answers.keys.filter { answers[$0] == 200 && rows[$0] != 1 } == [])
        #expect(rows.filter { $0.value != 1 }.isEmpty)
        #expect(stage.service.child.exit == nil)
    }

    @Test func `a server that takes no rows any more is left with those it refused`() throws {
        let old = try PrivatePostgreSQL()
        let stage = try Stage(old.database.tcpConnectionString)
        #expect(try stage.heartbeat("first").status == 200)
        #expect(try stage.service.terminate() == .exited(0))
        let new = try PrivatePostgreSQL(standbyOf: old, named: "standby")
        try new.database.query("SELECT pg_promote()")

        let moving = try Stage(Self.conninfo([old, new]))
        #expect(try moving.heartbeat("second").status == 200)
        try old.database.query("ALTER SYSTEM SET default_transaction_read_only = on")
        try old.database.query("SELECT pg_reload_conf()")
        // Each session takes it in by itself.
        var number = 0
        try eventually("rows go elsewhere") {
            number += 1
            let status = try moving.heartbeat("beat-\(number)").status
            try #require(status == 200)
            return try new.database.auditRows()["beat-\(number)"] != nil
        }
        let (oldRows, newRows) = (try old.database.auditRows(), try new.database.auditRows())
        #expect(Set(oldRows.keys).intersection(newRows.keys) == ["first"])
        #expect((Array(oldRows.values) + Array(newRows.values)).allSatisfy { $0 == 1 })
    }
}
