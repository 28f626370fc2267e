import TestSupport
import Testing

extension FaultTests {
    @Test(arguments: Scene.Spooling.allCases)
    func `PostgreSQL is killed and started again`(spooling: Scene.Spooling) throws {
        let server = try PrivatePostgreSQL()
        let scene = try Scene(spooling, database: server.database)
        for _ in 0..<Scale.rounds(short: 1, long: 20) {
            try scene.driver.wait(for: Scale.answers, more: .promised)
            server.kill9()
            try scene.waitWhileAway()
            try server.start()
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
    }

    @Test(arguments: Scene.Spooling.allCases)
    func `PostgreSQL stands still for a while`(spooling: Scene.Spooling) throws {
        let server = try PrivatePostgreSQL()
        let scene = try Scene(spooling, database: server.database)
        for _ in 0..<Scale.rounds(short: 1, long: 20) {
            try scene.driver.wait(for: Scale.answers, more: .promised)
            server.pause()
            try scene.waitWhileAway()
            server.resume()
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
    }

    @Test(arguments: Scene.Spooling.allCases)
    func `the connection is cut in the middle of statements and commits`(spooling: Scene.Spooling) throws {
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let cuts = Cuts()
        let proxy = try CuttingProxy(to: database.server.port, judge: cuts.judge)
        let scene = try Scene(spooling, database: database, url: database.tcpConnectionString(port: proxy.port))
        for _ in 0..<Scale.rounds(short: 2, long: 100) {
            for moment in Cuts.Moment.allCases {
                try scene.driver.wait(for: Scale.few, more: .promised)
                try cuts.cut(moment)
            }
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
        withExtendedLifetime(proxy) {}
    }
}
