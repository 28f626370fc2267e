import Foundation
import TestSupport

/// Instances of the service with one database, the simulator behind them, and callers before them.
final class Scene {
    /// Whether rows have a place to wait in while PostgreSQL is away.
    enum Spooling: String, CaseIterable {
        case without
        case with

        /// For scenes that are much the same without: the short form is to be short.
        static let ofLongForm: [Spooling] = Scale.isLong ? allCases : [.with]
    }

    /// How HAProxy stands between the callers and the instances.
    enum Balancer {
        /// As docker/PROXIES.md has it: a call that gets no answer goes to the next instance, and its request may
        /// have a row of each.
        case repeating
        case sendingOnce
    }

    struct Settings {
        var instances = 1
        /// Beside what every instance needs.
        var environment: [String: String] = [:]
        /// As of `ServiceProcess`.
        var launcher: [String] = []
        var load = LoadDriver.Settings()
        /// nil: the callers' connections are divided among the instances.
        var balancer: Balancer?
    }

    /// Of all request ids.
    static let prefix = "load-of-faults"

    let driver: LoadDriver
    let spooling: Spooling
    private(set) var instances: [ServiceProcess]
    let spools: [TemporaryDirectory]
    private let database: PrivatePostgreSQL.Database
    private let environments: [[String: String]]
    private let launcher: [String]
    private let simulator: SimulatorProcess
    private let balancer: Proxy?
    private let isRepeating: Bool

    /// - Parameters:
    ///   - database: where the rows are looked for; the instances find it by `url`.
    ///   - url: nil: the database's own, over TCP.
    init(
        _ spooling: Spooling, database: PrivatePostgreSQL.Database, url: String? = nil,
        _ settings: Settings = Settings()
    ) throws {
        let simulator = try SimulatorProcess()
        self.simulator = simulator
        self.spooling = spooling
        launcher = settings.launcher
        self.database = database
        spools = try (0..<settings.instances).map { _ in try TemporaryDirectory("hbf-spool") }
        environments = try spools.map { spool in
            [
                "DATABASE_URL": url ?? database.tcpConnectionString, "HEARTBEAT_API_KEYS": Beat.keyLines,
                "HEARTBEAT_EVENT_LOOPS": "2", "HEARTBEAT_LOG_LEVEL": "warning",
                "HEARTBEAT_LISTEN": "127.0.0.1:\(try freePort())",
                "HEARTBEAT_OPERATIONS_LISTEN": "127.0.0.1:\(try freePort())",
            ].merging(simulator.environment) { own, _ in own }
                .merging(spooling == .with ? ["HEARTBEAT_SPOOL_DIRECTORY": spool.path] : [:]) { own, _ in own }
                .merging(settings.environment) { _, given in given }
        }
        instances = try environments.map { try ServiceProcess(environment: $0, launcher: settings.launcher) }
        isRepeating = settings.balancer == .repeating
        balancer = try settings.balancer.map { [instances] balancer in
            let kind = Proxy.Kind.haproxy
            return try Proxy(kind, before: instances) { try balancer == .repeating ? $0 : kind.sendingOnce($0) }
        }
        try balancer?.awaitInstances()
        let ports = balancer.map { [$0.port] } ?? instances.map(\.port)
        driver = try LoadDriver(prefix: Self.prefix, ports: ports, settings.load)
    }

    /// Kills an instance in the middle of whatever it does.
    func kill9(_ index: Int = 0) throws {
        instances[index].child.signal(SIGKILL)
        try instances[index].child.waitForExit()
    }

    /// Ends one in an orderly way.
    func terminate(_ index: Int) throws {
        let exit = try instances[index].terminate()
        guard exit == .exited(0) else { throw instances[index].child.failure("ended with \(exit)") }
    }

    /// Starts one that has ended again: where it was, and on the same spool.
    ///
    /// - Parameter path: as of `ServiceProcess`.
    func start(_ index: Int = 0, awaiting path: String? = "/readyz") throws {
        instances[index] = try ServiceProcess(
            environment: environments[index], launcher: launcher, awaiting: path)
        if path == "/readyz" { try balancer?.awaitInstances() }
    }

    /// Waits until no row is in a spool any more.
    func waitUntilHome() throws {
        for instance in instances {
            try instance.wait(for: "/readyz", toAnswer: 200)
            if spooling == .with { try instance.waitUntilHome() }
        }
    }

    /// Ends the load, waits until all rows are home, ends the instances, and compares.
    ///
    /// - Parameter database: nil: the one it began with.
    func finish(in database: PrivatePostgreSQL.Database? = nil) throws -> Verdict {
        try end()
        return try Verdict(driver, in: database ?? self.database, mayRepeat: isRepeating)
    }

    /// Ends the load, waits until all rows are home, and ends the instances.
    func end() throws {
        driver.finish()
        try waitUntilHome()
        for index in instances.indices { try terminate(index) }
    }
}

extension ServiceProcess {
    /// Rows that are home are counted out of the spool after their commit.
    fileprivate func waitUntilHome() throws {
        try wait(for: "no row in the spool", within: .seconds(600)) {
            let metrics = try operations("/metrics").text
            guard metrics.contains(/(?m)^heartbeat_spool_corrupt_segments 0$/) else {
                throw child.failure("has set segments aside")
            }
            return metrics.contains(/(?m)^heartbeat_spool_rows 0$/)
        }
    }
}
