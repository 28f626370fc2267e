import TestSupport
import Testing

/// Three replicas behind HAProxy, each with a spool of its own, over one PostgreSQL with a standby.
///
/// The balancer sends each call once, unlike the README's, so that a request's id has one row. A caller that gets an
/// error, from the service or from the balancer, or no answer, sends its heartbeat once again on a new connection:
/// after `Retry-After` where there is one, else at once. This must succeed.
extension FaultTests {
    private static let replicas = 3

    private func scene(
        _ database: PrivatePostgreSQL.Database, url: String? = nil
    ) throws -> Scene {
        let load = LoadDriver.Settings(connections: 24, isRepeating: true)
        return try Scene(
            .with, database: database, url: url, .init(instances: Self.replicas, load: load, isBalanced: true))
    }

    @Test func `replicas restart in turn, and one retry suffices`() throws {
        let scene = try scene(PrivatePostgreSQL.shared().createDatabase())
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

    @Test func `a replica is killed, and one retry suffices`() throws {
        let scene = try scene(PrivatePostgreSQL.shared().createDatabase())
        for round in 0..<Scale.rounds(short: 3, long: 60) {
            try scene.driver.wait(for: Scale.few, more: .promised)
            try scene.kill9(round % Self.replicas)
            // The others serve all callers.
            try scene.driver.wait(for: Scale.answers, more: .promised)
            try scene.start(round % Self.replicas)
        }
        try scene.driver.wait(for: Scale.answers, more: .promised)
        try scene.expectKept()
    }

    @Test func `PostgreSQL fails over below three replicas, and one retry suffices`() throws {
        for round in 0..<Scale.rounds(short: 1, long: 10) {
            let primary = try PrivatePostgreSQL(settings: ["synchronous_standby_names": "*"])
            let standby = try PrivatePostgreSQL(standbyOf: primary, named: "standby")
            let scene = try scene(primary.database, url: primary.failOverString(to: standby))
            try scene.driver.wait(for: Scale.answers, more: .promised)
            primary.kill9()
            // Nobody can write: all rows go to the spools. One of these is left behind with its rows.
            try scene.driver.wait(for: Scale.answers, more: .promised)
            try scene.kill9(round % Self.replicas)
            try standby.promote()
            try scene.driver.wait(for: Scale.answers, more: .promised)
            try scene.start(round % Self.replicas)
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
