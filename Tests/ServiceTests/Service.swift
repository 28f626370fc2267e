import TestSupport

/// A service with a database of its own, the simulator behind it, and one caller.
struct Service {
    static let key = TestKey.text
    static let keyLine = TestKey.line(of: "demo")

    let simulator: SimulatorProcess
    let database: PrivatePostgreSQL.Database
    let process: ServiceProcess

    /// - Parameter change: to the service's environment.
    init(_ change: [String: String] = [:], simulator arguments: [String] = []) throws {
        simulator = try SimulatorProcess(arguments)
        database = try PrivatePostgreSQL.shared().createDatabase()
        process = try ServiceProcess(
            environment: Self.environment(simulator, database.tcpConnectionString).merging(change) { _, new in new })
    }

    static func environment(_ simulator: SimulatorProcess, _ database: String) -> [String: String] {
        simulator.environment.merging([
            "DATABASE_URL": database, "HEARTBEAT_API_KEYS": keyLine, "HEARTBEAT_EVENT_LOOPS": "2",
            // A machine that stands still for a while makes no row late.
            "HEARTBEAT_AUDIT_COMMIT_TIMEOUT": "15s",
        ]) { _, new in new }
    }

    static let headers = [
        (name: "Authorization", value: "Bearer \(key)"), (name: "Content-Type", value: "application/json"),
    ]

    /// One heartbeat on a connection of its own.
    func heartbeat(
        _ token: String, _ body: String = "", headers: [(name: String, value: String)] = Service.headers
    ) throws -> HTTPResponse {
        try process.client().post("/tasks/\(token)/heartbeat", headers: headers, body: body)
    }

    /// The columns of the row that a request made.
    func row(_ requestID: String?, _ columns: String) throws -> [String] {
        let rows = try database.query(
            "SELECT \(columns) FROM heartbeat_audit WHERE request_id = '\(requestID ?? "none")'")
        guard rows.count == 1 else { throw SupportError("\(rows.count) rows of \(requestID ?? "no request")") }
        return rows[0]
    }
}

/// Standard base64 of ASCII text: what a token of the simulator's looks like.
func base64(_ text: String) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    let bytes = Array(text.utf8)
    var encoded = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
        let group = bytes[start..<min(start + 3, bytes.count)]
        let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
        for position in 0...group.count { encoded.append(alphabet[bits >> (18 - 6 * position) & 63]) }
        encoded += String(repeating: "=", count: 3 - group.count)
    }
    return encoded
}
