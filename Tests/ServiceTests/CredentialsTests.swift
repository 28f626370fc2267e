import Foundation
import TestSupport
import Testing

/// The service and where its AWS credentials are from.
@Suite(.timeLimit(.minutes(10)))
struct CredentialsTests {
    private let simulator: SimulatorProcess
    private let database: PrivatePostgreSQL.Database

    init() throws {
        simulator = try SimulatorProcess()
        database = try PrivatePostgreSQL.shared().createDatabase()
    }

    /// - Parameter change: where credentials are to be found; there are none in the environment.
    private func start(_ change: [String: String]) throws -> ServiceProcess {
        var environment = Service.environment(simulator, database.tcpConnectionString)
        environment["AWS_ACCESS_KEY_ID"] = nil
        environment["AWS_SECRET_ACCESS_KEY"] = nil
        environment["AWS_EC2_METADATA_DISABLED"] = "true"
        return try ServiceProcess(environment: environment.merging(change) { _, new in new }, awaiting: "/livez")
    }

    private func heartbeat(_ process: ServiceProcess) throws -> HTTPResponse {
        try process.client().post("/tasks/\(base64("cancel"))/heartbeat", headers: Service.headers)
    }

    @Test func `without credentials it starts, says so, and takes them from a file once it is there`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/credentials"
        let process = try start(["AWS_SHARED_CREDENTIALS_FILE": path])
        try process.wait(for: "/readyz", toAnswer: 503)
        #expect(try process.operations("/readyz").text.contains("no source of them is set up"))
        let refused = try heartbeat(process)
        #expect(refused.status == 503)
        #expect(refused.text.contains("\"code\":\"upstream_credentials_unavailable\""))
        #expect(refused["Retry-After"] != nil)

        try directory.write(
            """
            [default]
            aws_access_key_id = \(SimulatorProcess.accessKeyID)
            aws_secret_access_key = \(SimulatorProcess.secretAccessKey)
            """, to: "credentials")
        try process.wait(for: "/readyz", toAnswer: 200)
        #expect(try heartbeat(process).text == "{\"cancelRequested\":true}")
        #expect(!(try process.operations("/metrics").text.contains("heartbeat_credentials_expiry_seconds ")))
        #expect(try process.terminate() == .exited(0))
    }

    @Test func `credentials of a container are fetched once for all loops, and their expiry is a metric`() throws {
        let endpoint = try StubServer { _ in
            let expiration = ISO8601DateFormatter().string(from: Date(timeIntervalSinceNow: 3600))
            let body = """
                {"AccessKeyId":"\(SimulatorProcess.accessKeyID)","Expiration":"\(expiration)",\
                "SecretAccessKey":"\(SimulatorProcess.secretAccessKey)","Token":""}
                """
            return [.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")]
        }
        let process = try start(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(endpoint.url)/credentials"])
        try process.wait(for: "/readyz", toAnswer: 200)
        for _ in 0..<20 { #expect(try heartbeat(process).status == 200) }
        #expect(endpoint.requests.map(\.line) == ["GET /credentials HTTP/1.1"])
        let metrics = try process.operations("/metrics").text
        let expiry = try #require(
            metrics.firstMatch(of: /\nheartbeat_credentials_expiry_seconds ([0-9.]+)\n/)?.output.1)
        #expect((3000...3600).contains(try #require(Double(expiry))))
        #expect(metrics.contains(/\nheartbeat_clock_skew_seconds (-1|0)\n/))
        #expect(metrics.contains(/\nheartbeat_upstream_connections{state="idle"} [1-9]/))
        try process.child.waitForLine(on: .standardOutput) {
            $0.contains("got AWS credentials") && $0.contains("container-role")
        }
        #expect(try process.terminate() == .exited(0))
    }

    @Test func `keys that were replaced in their file are read again when SWF refuses the old ones`() throws {
        let directory = try TemporaryDirectory()
        func write(_ keyID: String, _ secret: String) throws {
            let text = "[default]\naws_access_key_id = \(keyID)\naws_secret_access_key = \(secret)\n"
            try directory.write(text, to: "credentials")
        }
        try write("AKIDOLD", "old")
        let process = try start(["AWS_SHARED_CREDENTIALS_FILE": "\(directory.path)/credentials"])
        try process.wait(for: "/readyz", toAnswer: 200)
        try write(SimulatorProcess.accessKeyID, SimulatorProcess.secretAccessKey)
        let response = try heartbeat(process)
        #expect(response.text == "{\"cancelRequested\":true}")
        let rows = try database.query("SELECT attempts, outcome FROM heartbeat_audit")
        #expect(rows == [["2", "recorded"]])
    }
}
