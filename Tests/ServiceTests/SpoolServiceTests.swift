import Foundation
import TestSupport
import Testing

/// The service with a spool directory, while PostgreSQL comes and goes.
@Suite(.timeLimit(.minutes(10)))
struct SpoolServiceTests {
    private static let finished = "all audit rows of the spool are in PostgreSQL"

    private let simulator: SimulatorProcess
    private let server: PrivatePostgreSQL
    private let directory: TemporaryDirectory

    init() throws {
        simulator = try SimulatorProcess()
        server = try PrivatePostgreSQL()
        directory = try TemporaryDirectory()
    }

    private var environment: [String: String] {
        Service.environment(simulator, server.database.tcpConnectionString)
            .merging(["HEARTBEAT_SPOOL_DIRECTORY": directory.file("spool")]) { _, new in new }
    }

    private func start() throws -> ServiceProcess {
        try ServiceProcess(environment: environment)
    }

    private func heartbeat(_ process: ServiceProcess, _ requestID: String) throws -> HTTPResponse {
        try process.client().post(
            "/tasks/\(base64("cancel"))/heartbeat", headers: Service.headers + [("X-Request-Id", requestID)])
    }

    @Test func `a start that finds keys on disk fits into 64 MiB`() throws {
        let first = try start()
        try first.wait(for: "a file of keys") { access(directory.file("spool/api-keys"), F_OK) == 0 }
        #expect(try first.terminate() == .exited(0))

        let second = try start()
        let status = try String(contentsOfFile: "/proc/\(second.child.pid)/status", encoding: .utf8)
        let peak = try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/).flatMap { Int($0.1) })
        #expect(peak < 64 << 10)
    }

    @Test func `without PostgreSQL heartbeats are answered, survive a kill, and come home once`() throws {
        // The service makes its table first.
        let first = try start()
        #expect(try heartbeat(first, "before").status == 200)
        #expect(try first.terminate() == .exited(0))
        try server.stop()

        let second = try start()
        for number in 0..<5 {
            #expect(try heartbeat(second, "away\(number)").text == "{\"cancelRequested\":true}")
        }
        let ready = try second.operations("/readyz")
        #expect(ready.status == 200)
        #expect(ready.text.contains("\"postgresql\":{\"ok\":false"))
        #expect(ready.text.contains("\"spool\":{\"ok\":true,"))
        let metrics = try second.operations("/metrics").text
        #expect(metrics.contains("\nheartbeat_spool_rows 5\n"))
        #expect(metrics.contains("\nheartbeat_audit_rows_total{sink=\"spool\"} 5\n"))
        second.child.signal(SIGKILL)
        #expect(try second.child.waitForExit() == .signalled(SIGKILL))

        let third = try start()
        #expect(try heartbeat(third, "again").status == 200)
        #expect(try third.operations("/metrics").text.contains("\nheartbeat_spool_rows 6\n"))
        try server.start()
        try third.child.waitForLine(on: .standardOutput) { $0.contains(Self.finished) }
        #expect(try third.operations("/metrics").text.contains("\nheartbeat_spool_rows 0\n"))
        #expect(try third.operations("/metrics").text.contains("\nheartbeat_spool_replayed_rows_total 6\n"))
        let rows = try server.database.query("SELECT request_id FROM heartbeat_audit ORDER BY request_id")
        #expect(rows.map { $0[0] } == ["again"] + (0..<5).map { "away\($0)" } + ["before"])
        #expect(try third.terminate() == .exited(0))
    }

    @Test func `a directory is one instance's own`() throws {
        let first = try start()
        let second = try ServiceProcess(environment: environment, awaiting: nil)
        let line = try second.child.waitForLine(on: .standardOutput) { $0.contains("cannot start") }
        #expect(line.contains("give each instance a directory of its own"))
        #expect(try second.child.waitForExit() == .exited(1))
        #expect(try first.terminate() == .exited(0))
    }

    @Test func `a full spool is told, and heartbeats are refused`() throws {
        try server.stop()
        let process = try ServiceProcess(
            environment: environment.merging(["HEARTBEAT_SPOOL_LIMIT": "1MiB"]) { _, new in new })
        let client = try process.client()
        let body = "{\"details\":\"\(String(repeating: "x", count: 2048))\"}"
        var answers: [Int: Int] = [:]
        for _ in 0..<600 {
            let answer = try client.post("/tasks/\(base64("ok"))/heartbeat", headers: Service.headers, body: body)
            answers[answer.status, default: 0] += 1
        }
        #expect(Set(answers.keys) == [200, 503])
        #expect(answers[200, default: 0] > 300)
        let ready = try process.operations("/readyz")
        #expect(ready.status == 503)
        #expect(ready.text.contains("\"spool\":{\"ok\":false,\"fault\":\"it is full\","))
        try server.start()
        try process.wait(for: "/readyz", toAnswer: 200)
        #expect(try client.post("/tasks/\(base64("ok"))/heartbeat", headers: Service.headers).status == 200)
        try process.child.waitForLine(on: .standardOutput) { $0.contains(Self.finished) }
        let rows = try server.database.query("SELECT count(*) FROM heartbeat_audit WHERE status = 200")
        #expect(rows == [["\(answers[200, default: 0] + 1)"]])
        #expect(try process.terminate() == .exited(0))
    }
}
