import Foundation
import TestSupport

/// The service in the states in which it gives the answers of the document.
final class Stage {
    static let token = "AAAAKgAAAAEAAAAAAAAAAu/l+EXAMPLE=="
    static let workerKey = TestKey.text
    static let readerKey = "hbf_zFOXjV1EDSMb1x6dQvVjhf79boRvc5rDaw7TLp3xI1gC"

    static let keyLines = """
        \(TestKey.line(of: "worker-7", scopes: "heartbeat,audit"))
        reader:5d206e226155dd0ed67c7a7a964e5df048ccb86ac98cc1f1e7cb963bf2bde54d:audit
        """

    let simulator: SimulatorProcess
    let database: PrivatePostgreSQL.Database
    let service: ServiceProcess
    /// Its request is never complete.
    let slowClient: RawHTTPClient

    init(_ change: [String: String] = [:]) throws {
        simulator = try SimulatorProcess()
        database = try PrivatePostgreSQL.shared().createDatabase()
        let environment = Self.environment(simulator, database.tcpConnectionString)
        service = try ServiceProcess(environment: environment.merging(change) { _, new in new })
        slowClient = try service.client()
        try slowClient.send("POST /tasks/heartbeat HTTP/1.1\r\nHost: a\r\n")
    }

    private static func environment(_ simulator: SimulatorProcess, _ database: String) -> [String: String] {
        simulator.environment.merging([
            "DATABASE_URL": database, "HEARTBEAT_API_KEYS": keyLines, "HEARTBEAT_EVENT_LOOPS": "1",
            // Each call brings the caller's address, and has one attempt.
            "HEARTBEAT_TRUSTED_PROXIES": "127.0.0.1", "AWS_MAX_ATTEMPTS": "1",
        ]) { _, new in new }
    }

    /// Another service beside it.
    func other(
        _ change: [String: String], without names: [String] = [], awaiting path: String = "/readyz"
    ) throws -> ServiceProcess {
        let environment = Self.environment(simulator, database.tcpConnectionString)
            .filter { !names.contains($0.key) }.merging(change) { _, new in new }
        return try ServiceProcess(environment: environment, awaiting: path)
    }

    /// The token that has the simulator answer so.
    static func token(for word: String) -> String {
        Data(word.utf8).base64EncodedString()
    }
}

extension ServiceProcess {
    /// One call with what the document's examples have, on a connection of its own.
    func call(
        _ method: String, _ target: String, key: String? = Stage.workerKey,
        headers: [(name: String, value: String)] = [], body: String? = nil
    ) throws -> HTTPResponse {
        var all: [(name: String, value: String)] = [
            ("X-Request-Id", "worker-7.beat-42"), ("X-Forwarded-For", "192.0.2.7"),
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ]
        if !target.hasPrefix("/tasks/\(Stage.token)") { all[0].value = "0198f3a2-6c1e-7b40-9d2a-5f6e7a8b9c0d" }
        if let key { all.append(("Authorization", "Bearer \(key)")) }
        return try client().request(method, target, headers: all + headers, body: body.map { Array($0.utf8) })
    }

    /// A heartbeat that SWF answers so.
    func heartbeat(swf word: String, wait: Int = 6) throws -> HTTPResponse {
        try call(
            "POST", "/tasks/\(Stage.token(for: word))/heartbeat", headers: [("Prefer", "wait=\(wait)")], body: "")
    }

    /// Bytes that are no request, or one that no client of ours would send.
    func raw(_ head: String) throws -> HTTPResponse {
        let client = try client()
        try client.send(head + "\r\n")
        return try client.receive()
    }

    func operations(_ method: String, _ path: String) throws -> HTTPResponse {
        try RawHTTPClient(port: operationsPort).request(method, path, headers: [("Connection", "close")])
    }
}
