import TestSupport
import Testing

/// Three replicas behind HAProxy, each with a spool of its own, over one PostgreSQL.
///
/// A caller that gets an error, from the service or from the balancer, or no answer, sends its heartbeat once again on
/// a new connection: after `Retry-After` where there is one, else at once. This must succeed.
extension FaultTests {
    private static let replicas = 3

    private func scene(
        _ database: PrivatePostgreSQL.Database, url: String? = nil, _ balancer: Scene.Balancer
    ) throws -> Scene {
        let load = LoadDriver.Settings(connections: 24, isRepeating: true)
        return try Scene(
            .with, database: database, url: url, .init(instances: Self.replicas, load: load, balancer: balancer))
    }

    @Test func `replicas restart in turn, and one retry suffices`() throws {
        let scene = try scene(PrivatePostgreSQL.shared().createDatabase(), .sendingOnce)
        for _ in 0..<Scale.rounds(short: 1, long: 20) {
            for index in 0..<Self.replicas {
                try scene.driver.wait(for: Scale.few, more: .promised)
                try scene.terminate(index)
                try scene.driver.wait(for: Scale.few, more: .promised)
                try scene.start(index)
            }
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
    }

    /// A process that dies still takes connections for some milliseconds. That HAProxy repeats calls keeps a retry that
    /// comes at once from failing there.
    @Test func `replicas are killed, and one retry suffices`() throws {
        let server = try PrivatePostgreSQL()
        let scene = try scene(server.database, .repeating)
        for round in 0..<Scale.rounds(short: 3, long: 60) {
            let index = round % Self.replicas
            try scene.driver.wait(for: Scale.few, more: .promised)
            // Every other time with rows in its spool, which the next one finds.
            let isAway = round.isMultiple(of: 2)
            if isAway {
                server.kill9()
                try scene.waitWhileAway()
            }
            try scene.kill9(index)
            // The others serve all callers.
            try scene.driver.wait(for: Scale.answers, more: .promised)
            if isAway { try server.start() }
            try scene.start(index)
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
    }

    @Test func `PostgreSQL fails over below three replicas, and one retry suffices`() throws {
        for round in 0..<Scale.rounds(short: 2, long: 10) {
            let primary = try PrivatePostgreSQL(settings: ["synchronous_standby_names": "*"])
            let standby = try PrivatePostgreSQL(standbyOf: primary, named: "standby")
            let scene = try scene(primary.database, url: primary.failOverString(to: standby), .sendingOnce)
            try scene.driver.wait(for: Scale.answers, more: .promised)
            // Every other time the primary has commits that the standby does not get, and that count for nothing.
            if !round.isMultiple(of: 2) {
                standby.pause()
                try scene.waitWhileAway()
            }
            primary.kill9()
            standby.resume()
            // Nobody can write: all rows go to the spools.
            try scene.waitWhileAway()
            try standby.promote()
            try scene.driver.wait(for: Scale.answers, more: .promised)
            try scene.expectKept(in: standby.database)
        }
    }
}

extension PrivatePostgreSQL {
    /// For libpq: finds whichever of the two can be written to.
    func failOverString(to standby: PrivatePostgreSQL) -> String {
        "host=127.0.0.1,127.0.0.1 port=\(port),\(standby.port) user=postgres dbname=postgres "
            + "target_session_attrs=read-write"
    }
}
