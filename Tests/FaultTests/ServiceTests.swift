import TestSupport
import Testing

extension FaultTests {
    @Test(arguments: Scene.Spooling.ofLongForm)
    func `the service is killed and started again`(spooling: Scene.Spooling) throws {
        let server = try PrivatePostgreSQL()
        let scene = try Scene(spooling, database: server.database)
        for round in 0..<Scale.rounds(short: 3, long: 100) {
            // With a spool, every other time with rows in it, which the next one finds.
            let isAway = spooling == .with && round.isMultiple(of: 2)
            if isAway { server.pause() }
            try scene.driver.wait(for: .random(in: 1...Scale.answers), more: .promised)
            try scene.kill9()
            if isAway, round.isMultiple(of: 4) { server.resume() }
            try scene.start(awaiting: nil)
            if isAway, !round.isMultiple(of: 4) {
                try scene.driver.wait(for: 1, more: .promised)
                server.resume()
            }
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
    }

    @Test(arguments: Scene.Spooling.ofLongForm)
    func `two instances share the database, and each ends in its turn`(spooling: Scene.Spooling) throws {
        let server = try PrivatePostgreSQL()
        let scene = try Scene(spooling, database: server.database, .init(instances: 2))
        for round in 0..<Scale.rounds(short: 1, long: 20) {
            try scene.driver.wait(for: Scale.few, more: .promised)
            try scene.kill9(round % 2)
            try scene.driver.wait(for: Scale.few, more: .promised)
            server.kill9()
            try scene.waitWhileAway()
            try scene.start(round % 2, awaiting: "/livez")
            try server.start()
            try scene.driver.wait(for: Scale.few, more: .promised)
            try scene.terminate((round + 1) % 2)
            try scene.start((round + 1) % 2)
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
    }
}
