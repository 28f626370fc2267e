import TestSupport
import Testing

extension FaultTests {
    /// Many of them share a row, which says how many they are: in all, the rows know of each that was answered.
    @Test(arguments: Scene.Spooling.allCases)
    func `a flood of bad keys goes on while PostgreSQL is killed`(spooling: Scene.Spooling) throws {
        let server = try PrivatePostgreSQL()
        var settings = Scene.Settings()
        settings.load.isByStrangers = true
        settings.load.connections = 100
        let scene = try Scene(spooling, database: server.database, settings)
        // An answer waits for the row that it shares: as many come a second as there are connections.
        for _ in 0..<Scale.rounds(short: 1, long: 5) {
            try scene.driver.wait(for: Scale.few, more: .promised)
            server.kill9()
            try scene.waitWhileAway()
            try server.start()
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.end()

        let tally = scene.driver.log.tally
        #expect(tally.violations == [])
        let counts = try server.database.query(
            """
            SELECT count(*), sum(coalesce((details::jsonb->>'refused')::int, 1)),
                count(*) FILTER (WHERE outcome NOT IN ('unauthenticated', 'rate_limited') OR caller IS NOT NULL)
            FROM heartbeat_audit
            """)[0].map { Int($0) ?? -1 }
        let (rows, refusals, others) = (counts[0], counts[1], counts[2])
        #expect((tally.promised...tally.all).contains(refusals), "\(tally), \(rows) rows of \(refusals) refusals")
        #expect(rows < refusals)
        #expect(others == 0)
        Scale.report("a flood, \(spooling) a spool: \(tally), \(rows) rows of \(refusals) refusals")
    }
}
