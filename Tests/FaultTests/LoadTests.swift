import TestSupport
import Testing

extension FaultTests {
    /// The long form answers a million heartbeats here.
    @Test(arguments: Scene.Spooling.ofLongForm)
    func `heartbeats come from many connections while PostgreSQL comes and goes`(spooling: Scene.Spooling) throws {
        let server = try PrivatePostgreSQL()
        let scene = try Scene(spooling, database: server.database, .init(load: .init(connections: 64)))
        for _ in 0..<Scale.rounds(short: 1, long: 20) {
            try scene.driver.wait(for: Scale.isLong ? 40_000 : 1000, more: .promised)
            server.pause()
            try scene.waitWhileAway()
            server.kill9()
            if spooling == .with { try scene.driver.wait(for: Scale.isLong ? 10_000 : 500, more: .promised) }
            try server.start()
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
    }

    /// Measured, not judged: figures of a machine that does other things too.
    @Test(.enabled(if: Scale.isLong, "only make soak sets HEARTBEAT_TEST_SOAK"))
    func `how long answers take`() throws {
        let (rate, spooled) = (500, 1_000_000)
        let server = try PrivatePostgreSQL()
        let scene = try Scene(.with, database: server.database, .init(load: .init(connections: 32, rate: rate)))
        let latencies = scene.driver.latencies
        func measure(_ phase: String, _ count: Int = 15_000) throws {
            latencies.begin(phase)
            try scene.driver.wait(for: count, more: .promised)
        }
        try scene.driver.wait(for: rate, more: .promised)
        try measure("PostgreSQL is there")
        server.pause()
        try measure("PostgreSQL has just stopped", rate)
        try measure("PostgreSQL stands still")
        server.kill9()
        try measure("PostgreSQL has just gone", rate)
        try measure("PostgreSQL is gone")
        latencies.begin("PostgreSQL is gone, and 64 other callers send all they can")
        let crowd = try LoadDriver(prefix: "crowd", ports: scene.instances.map(\.port), .init(connections: 64))
        try crowd.wait(for: spooled, more: .promised, within: .seconds(1200))
        crowd.finish()
        latencies.begin("PostgreSQL is back, and rows come home")
        let start = ContinuousClock.now
        try server.start()
        try scene.waitUntilHome()
        let duration = ContinuousClock.now - start
        try measure("all rows are home")
        Scale.report("a million rows came home in \(duration)\n\(latencies.report)")
        let verdict = try Verdict(crowd, in: server.database)
        #expect(verdict.isKept, "\(verdict)")
        try scene.expectKept()
    }
}
