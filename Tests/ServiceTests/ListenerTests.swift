import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ListenerTests {
    private static func heartbeat(_ client: RawHTTPClient, _ forwarded: String? = nil) throws -> HTTPResponse {
        let fields = forwarded.map { [(name: "X-Forwarded-For", value: $0)] } ?? []
        return try client.post("/tasks/\(base64("ok"))/heartbeat", headers: Service.headers + fields)
    }

    @Test func `both listeners may be Unix sockets`() throws {
        let directory = try TemporaryDirectory()
        let (api, operations) = (directory.file("api"), directory.file("operations"))
        let simulator = try SimulatorProcess()
        let database = try PrivatePostgreSQL.shared().createDatabase()
        let listeners = [
            "HEARTBEAT_LISTEN": "unix:\(api)", "HEARTBEAT_OPERATIONS_LISTEN": "unix:\(operations)",
            "HEARTBEAT_TRUSTED_PROXIES": "unix:",
        ]
        let process = try ServiceProcess(
            environment: Service.environment(simulator, database.tcpConnectionString).merging(listeners) { $1 },
            awaiting: nil)
        try process.child.waitForLine(on: .standardOutput) { $0.contains("PostgreSQL takes audit rows") }
        // Two loops accept from one socket.
        let clients = try (0..<8).map { _ in try RawHTTPClient(unixPath: api) }
        for client in clients { #expect(try Self.heartbeat(client).status == 200) }
        #expect(try Self.heartbeat(clients[0], "203.0.113.1").status == 200)
        let rows = try database.query(
            "SELECT client_address, count(*) FROM heartbeat_audit GROUP BY 1 ORDER BY 1 NULLS LAST")
        #expect(rows.first?[0].hasPrefix("203.0.113.1") == true)
        #expect(rows.map { $0[1] } == ["1", "8"])

        try process.wait(for: "health") {
            try runFacade(["healthcheck"], environment: listeners).exit == .exited(0)
        }
        #expect(try process.terminate() == .exited(0))
        #expect(!FileManager.default.fileExists(atPath: api))
        #expect(!FileManager.default.fileExists(atPath: operations))
        #expect(try runFacade(["healthcheck"], environment: listeners).exit == .exited(1))
    }

    @Test func `the audit row has the address that the PROXY header names`() throws {
        let service = try Service(["HEARTBEAT_PROXY_PROTOCOL": "on", "HEARTBEAT_TRUSTED_PROXIES": "127.0.0.0/8"])
        let client = try service.process.client()
        try client.send("PROXY TCP6 2001:db8::7 ::1 4711 8080\r\n")
        let response = try Self.heartbeat(client)
        #expect(response.status == 200)
        #expect(try service.row(response["X-Request-Id"], "host(client_address)") == ["2001:db8::7"])
        let bare = try service.process.client()
        #expect(throws: RawHTTPClient.Failure.self) { try Self.heartbeat(bare) }
        // It is counted once it is closed.
        try service.process.wait(for: "the count of it") {
            try service.process.operations("/metrics").text.contains(
                "\nheartbeat_connections_refused_total{reason=\"proxy_header\"} 1\n")
        }
    }

    @Test func `a client may have so many connections over all loops`() throws {
        let service = try Service(["HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX": "3"])
        let clients = try (0..<8).map { _ in try service.process.client() }
        for client in clients { try? client.send("GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n") }
        #expect(clients.count { (try? $0.receive().status) == 200 } == 3)
    }

    @Test func `SIGTERM is followed by the drain's delay, in which callers are still served`() throws {
        let service = try Service(["HEARTBEAT_DRAIN_DELAY": "1s"])
        let (idle, used) = (try service.process.client(), try service.process.client())
        #expect(try Self.heartbeat(idle)["Connection"] == nil)
        #expect(try Self.heartbeat(used)["Connection"] == nil)
        service.process.child.signal(SIGTERM)
        try service.process.wait(for: "/readyz", toAnswer: 503)
        for client in [used, try service.process.client()] {
            let response = try Self.heartbeat(client)
            #expect(response.status == 200)
            #expect(response["Connection"] == "close")
            #expect(try client.readToEnd() == [])
        }
        #expect(try idle.readToEnd() == [])
        #expect(try service.process.child.waitForExit() == .exited(0))
        #expect(try service.database.query("SELECT count(*) FROM heartbeat_audit") == [["4"]])
    }

    @Test func `a second signal ends the drain's delay too`() throws {
        let service = try Service(["HEARTBEAT_DRAIN_DELAY": "1h"])
        service.process.child.signal(SIGTERM)
        try service.process.child.waitForLine(on: .standardOutput) { $0.contains("\"draining\"") }
        service.process.child.signal(SIGTERM)
        #expect(try service.process.child.waitForExit() == .exited(1))
    }

    @Test func `at the limit of open files accepting rests, and those who are connected are served`() throws {
        let service = try Service()
        let healthy = try service.process.client()
        for _ in 0..<4 { #expect(try Self.heartbeat(healthy).status == 200) }
        let pid = service.process.child.pid
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
        try setDescriptorLimit(of: pid, to: open + 10)

        let crowd = try (0..<100).map { _ in try service.process.client() }
        for client in crowd { try client.send("GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n") }
        let late = try RawHTTPClient(port: service.process.port, deadline: .milliseconds(500))
        for _ in 0..<20 { #expect(try Self.heartbeat(healthy).status == 200) }
        let before = try processorSeconds(of: pid)
        #expect(throws: RawHTTPClient.Failure.timeout) { try late.get("/openapi.json") }
        // A loop that tries again at once would take all that time.
        #expect(try processorSeconds(of: pid) - before < 0.2)

        try setDescriptorLimit(of: pid, to: 10_000)
        for client in crowd { #expect(try client.receive().status == 200) }
        #expect(try service.process.terminate() == .exited(0))
    }

    private func setDescriptorLimit(of pid: pid_t, to limit: Int) throws {
        let output = try ChildProcess.run("prlimit", ["--pid", "\(pid)", "--nofile=\(limit):10000"])
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
    }

    /// User and system time so far (proc(5)).
    private func processorSeconds(of pid: pid_t) throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw SupportError("/proc/\(pid)/stat: \(text)")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
