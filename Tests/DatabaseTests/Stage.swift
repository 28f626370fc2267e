import Foundation
import TestSupport

/// A service that writes into a database given by its connection string, with the simulator behind it and one caller.
final class Stage: Sendable {
    private static let key = TestKey.text
    private static let keyLine = TestKey.line(of: "demo")

    let simulator: SimulatorProcess
    let service: ServiceProcess

    /// - Parameters:
    ///   - patience: how long a row may take to be committed, be the machine as busy as it likes.
    ///   - path: of the operations listener, which must answer 200 first.
    convenience init(
        _ database: String, eventLoops: Int = 1, patience: String = "30s", awaiting path: String = "/readyz"
    ) throws {
        try self.init(
            environment: [
                "DATABASE_URL": database, "HEARTBEAT_EVENT_LOOPS": "\(eventLoops)",
                "HEARTBEAT_AUDIT_COMMIT_TIMEOUT": patience,
            ], awaiting: path)
    }

    /// - Parameter environment: beside what every service needs but a database.
    init(environment: [String: String], awaiting path: String = "/readyz") throws {
        simulator = try SimulatorProcess()
        service = try ServiceProcess(
            environment: simulator.environment.merging(["HEARTBEAT_API_KEYS": Self.keyLine]) { _, new in new }
                .merging(environment) { _, new in new }, awaiting: path)
    }

    /// One heartbeat, on a connection of its own.
    ///
    /// - Parameter id: of the request: only `[A-Za-z0-9._-]`.
    func heartbeat(_ id: String) throws -> HTTPResponse {
        let token = Data("ok#\(id)".utf8).base64EncodedString()
        return try service.client().post(
            "/tasks/\(token)/heartbeat",
            headers: [
                (name: "Authorization", value: "Bearer \(Self.key)"), (name: "X-Request-Id", value: id),
                (name: "Prefer", value: "wait=60"),
            ])
    }
}

extension PrivatePostgreSQL.Database {
    /// How many audit rows each request has.
    func auditRows() throws -> [String: Int] {
        let rows = try query("SELECT request_id, count(*) FROM heartbeat_audit GROUP BY request_id")
        return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], Int($0[1]) ?? 0) })
    }

    /// The service's sessions: the server's process ids.
    func serviceSessions() throws -> [String] {
        try query(
            """
            SELECT pid FROM pg_stat_activity
            WHERE application_name = 'heartbeat-facade' AND datname = current_database()
            """
        ).map { $0[0] }
    }
}

/// Asks again and again, which is to take a while each time, until it is so.
///
/// - Throws: where it is not so within a time that ends a hung test.
func eventually(_ what: String, isMet: () throws -> Bool) throws {
    let last = ContinuousClock.now + ChildProcess.defaultDeadline
    while try !isMet() {
        guard .now < last else { throw SupportError("waited in vain until \(what)") }
    }
}
