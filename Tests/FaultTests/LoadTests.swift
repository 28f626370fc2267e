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
    @Test(.enabled(if: Scale.isLong, "only make soak sets HEARTBEAT_TEST_SOAK"), arguments: Scene.Spooling.allCases)
    func `how long answers take`(spooling: Scene.Spooling) throws {
        let (rate, answers, spooled) = (500, 15_000, 1_000_000)
        let server = try PrivatePostgreSQL()
        let scene = try Scene(
            spooling, database: server.database, .init(load: .init(connections: 32, rate: rate)))
        func measure(_ phase: String) throws {
            scene.driver.latencies.begin(phase)
            try scene.driver.wait(for: answers, more: spooling == .with ? .promised : .refused, within: .seconds(600))
        }
        try scene.driver.wait(for: rate, more: .promised)
        scene.driver.latencies.begin("PostgreSQL is there")
        try scene.driver.wait(for: answers, more: .promised)
        server.pause()
        try measure("PostgreSQL stands still")
        server.kill9()
        try measure("PostgreSQL is gone")
        if spooling == .with {
            let crowd = try LoadDriver(prefix: "crowd", ports: scene.instances.map(\.port), .init(connections: 64))
            scene.driver.latencies.begin("PostgreSQL is gone and 64 callers send all they can")
            try crowd.wait(for: spooled, more: .promised, within: .seconds(1200))
            crowd.finish()
        }
        scene.driver.latencies.begin("PostgreSQL is back")
        let start = ContinuousClock.now
        try server.start()
        try scene.waitUntilHome()
        scene.driver.latencies.begin("afterwards")
        let duration = ContinuousClock.now - start
        try scene.driver.wait(for: answers, more: .promised)
        print("rows came home in \(duration)\n\(scene.driver.latencies.report)")
        try scene.expectKept()
    }
}
