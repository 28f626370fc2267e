import Foundation
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct OperationTests {
    @Test func `the operations listener tells health, readiness and numbers`() throws {
        let service = try Service()
        #expect(try service.heartbeat(base64("ok")).status == 200)
        #expect(try service.heartbeat(base64("unknown")).status == 404)
        #expect(try service.process.operations("/livez").status == 200)
        let ready = try service.process.operations("/readyz")
        #expect(ready.status == 200)
        #expect(ready.text.contains(/"postgresql":{"ok":true,"since":"20[0-9-]{8}T[0-9:.]{12}Z"}/))
        let metrics = try service.process.operations("/metrics")
        #expect(metrics["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        for line in [
            "heartbeat_requests_total{code=\"recorded\",status=\"200\"} 1",
            "heartbeat_requests_total{code=\"unknown_task\",status=\"404\"} 1",
            "heartbeat_request_duration_seconds_count 2", "heartbeat_upstream_attempts_total{result=\"ok\"} 1",
            "heartbeat_upstream_attempts_total{result=\"fault\"} 1", "heartbeat_upstream_duration_seconds_count 2",
            "heartbeat_audit_rows_total{sink=\"postgresql\"} 2", "heartbeat_audit_pending_rows 0",
            "heartbeat_ready 1", "heartbeat_readiness_check{check=\"postgresql\"} 1",
        ] {
            #expect(metrics.text.contains("\n\(line)\n"), "\(line)")
        }
        #expect(metrics.text.contains("heartbeat_build_info{version="))
        #expect(metrics.text.contains("\nheartbeat_audit_default_partition_rows 0\n"))
        #expect(try service.process.operations("/nothing").status == 404)
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `without PostgreSQL it starts, answers 503, and takes heartbeats once PostgreSQL is there`() throws {
        let postgres = try PrivatePostgreSQL()
        let database = try postgres.createDatabase()
        try postgres.stop()
        let simulator = try SimulatorProcess()
        let process = try ServiceProcess(
            environment: Service.environment(simulator, database.tcpConnectionString), awaiting: "/livez")
        try process.wait(for: "/readyz", toAnswer: 503)
        let client = try process.client()
        let path = "/tasks/\(base64("cancel"))/heartbeat"
        let refused = try client.post(path, headers: Service.headers)
        #expect(refused.status == 503)
        #expect(refused.text.contains("\"code\":\"audit_unavailable\""))
        #expect(refused["Retry-After"] != nil)
        // The task lives all the same: SWF got the heartbeat.
        #expect(try simulator.calls().contains("\"total\":1"))

        try postgres.start()
        try process.wait(for: "/readyz", toAnswer: 200)
        #expect(try client.post(path, headers: Service.headers).text == "{\"cancelRequested\":true}")

        postgres.kill9()
        try process.wait(for: "/readyz", toAnswer: 503)
        #expect(try client.post(path, headers: Service.headers).status == 503)
        try postgres.start()
        try process.wait(for: "/readyz", toAnswer: 200)
        #expect(try client.post(path, headers: Service.headers).status == 200)
        #expect(try database.query("SELECT count(*) FROM heartbeat_audit WHERE status = 200") == [["2"]])
        #expect(try process.terminate() == .exited(0))
    }

    @Test func `without SWF it answers 502, and works once SWF is there`() throws {
        let port = try freePort()
        let service = try Service(["AWS_ENDPOINT_URL_SWF": "http://127.0.0.1:\(port)"])
        let refused = try service.heartbeat(base64("ok"))
        #expect(refused.status == 502)
        #expect(refused.text.contains("upstream_unreachable"))
        let simulator = try SimulatorProcess(["--listen", "127.0.0.1:\(port)"])
        #expect(try service.heartbeat(base64("ok")).status == 200)
        #expect(simulator.port == port)
    }

    @Test func `SIGTERM lets a heartbeat under way finish, as its connection's last`() throws {
        let service = try Service()
        let idle = try service.process.client()
        _ = try idle.get("/openapi.json")
        let busy = try service.process.client()
        try busy.send(
            """
            POST /tasks/\(base64("slow:500#drain"))/heartbeat HTTP/1.1\r\nHost: x\r
            Authorization: Bearer \(Service.key)\r\nContent-Length: 0\r\n\r\n
            """)
        while try !service.simulator.calls().contains(base64("slow:500#drain")) {}
        service.process.child.signal(SIGTERM)
        #expect(try idle.readToEnd() == [])
        let response = try busy.receive()
        #expect(response.status == 200)
        #expect(response["Connection"] == "close")
        #expect(try service.process.child.waitForExit(within: .seconds(30)) == .exited(0))
        #expect(try service.database.query("SELECT count(*) FROM heartbeat_audit") == [["1"]])
    }

    @Test func `a heartbeat that would outlast the grace is answered within it, and has its row`() throws {
        let service = try Service(["HEARTBEAT_SHUTDOWN_GRACE": "4s"])
        let callers = try ["1", "2"].map { id in
            let caller = try service.process.client()
            try caller.send(
                """
                POST /tasks/\(base64("hang"))/heartbeat HTTP/1.1\r\nHost: x\r\nPrefer: wait=60\r\nX-Request-Id: \(id)\r
                Authorization: Bearer \(Service.key)\r\nContent-Length: 0\r\n\r\n
                """)
            return caller
        }
        let bothAreServed = "\nheartbeat_connections{state=\"active\"} 2\n"
        while try !service.process.operations("/metrics").text.contains(bothAreServed) {}
        service.process.child.signal(SIGTERM)
        for caller in callers { #expect(try caller.receive().status == 504) }
        #expect(try service.process.child.waitForExit(within: .seconds(30)) == .exited(0))
        let rows = try service.database.query(
            "SELECT request_id, outcome, status FROM heartbeat_audit ORDER BY request_id")
        #expect(rows == [["1", "upstream_timeout", "504"], ["2", "upstream_timeout", "504"]])
    }

    @Test func `a second signal ends it at once`() throws {
        let service = try Service()
        let busy = try service.process.client()
        try busy.send(
            """
            POST /tasks/\(base64("hang"))/heartbeat HTTP/1.1\r\nHost: x\r\nPrefer: wait=60\r
            Authorization: Bearer \(Service.key)\r\nContent-Length: 0\r\n\r\n
            """)
        while try !service.simulator.calls().contains(base64("hang")) {}
        service.process.child.signal(SIGTERM)
        _ = try service.process.child.waitForLine(on: .standardOutput) { $0.contains("\"draining\"") }
        service.process.child.signal(SIGINT)
        #expect(try service.process.child.waitForExit(within: .seconds(30)) == .exited(1))
    }

    @Test func `a port that is taken, even by a sharing listener, is refused`() throws {
        let service = try Service()
        let second = try ServiceProcess(
            environment: Service.environment(service.simulator, service.database.tcpConnectionString).merging([
                "HEARTBEAT_LISTEN": "127.0.0.1:\(service.process.port)"
            ]) { _, new in new }, awaiting: nil)
        #expect(try second.child.waitForExit(within: .seconds(30)) == .exited(1))
        #expect(second.log.contains("Address already in use"))
    }
}
