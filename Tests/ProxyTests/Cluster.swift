import TestSupport

/// Two instances of the service with one database, and the simulator behind them.
final class Cluster {
    static let key = TestKey.text
    private static let keyLine = TestKey.line(of: "demo")

    let database: PrivatePostgreSQL.Database
    private(set) var instances: [ServiceProcess] = []
    private let environment: [String: String]
    private let simulator: SimulatorProcess

    /// - Parameter settings: beside those that every test needs.
    init(settings: [String: String] = [:]) throws {
        simulator = try SimulatorProcess()
        database = try PrivatePostgreSQL.shared().createDatabase()
        environment = simulator.environment.merging([
            "DATABASE_URL": database.tcpConnectionString, "HEARTBEAT_API_KEYS": Self.keyLine,
            "HEARTBEAT_EVENT_LOOPS": "2",
            // A machine that is busy with other tests is no reason for an answer to be 503.
            "HEARTBEAT_AUDIT_COMMIT_TIMEOUT": "5s",
        ]) { _, new in new }.merging(settings) { _, new in new }
        for _ in 0..<2 { instances.append(try ServiceProcess(environment: environment)) }
    }

    /// Ends an instance as an operator would, and starts the next where it was; returns once that one is ready.
    func restart(_ index: Int) throws {
        let old = instances[index]
        let exit = try old.terminate()
        guard exit == .exited(0) else { throw old.child.failure("ended with \(exit)") }
        instances[index] = try ServiceProcess(
            environment: environment.merging([
                "HEARTBEAT_LISTEN": "127.0.0.1:\(old.port)",
                "HEARTBEAT_OPERATIONS_LISTEN": "127.0.0.1:\(old.operationsPort)",
            ]) { _, new in new })
    }
}
