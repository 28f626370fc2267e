import Foundation
import TestSupport
import Testing

/// More callers than the service may have, through processes and sockets.
@Suite(.timeLimit(.minutes(10)))
struct OverloadServiceTests {
    private static let requestsMax = 4
    private static let refusals = 5000
    /// A leak of a kilobyte a refusal is more.
    private static let growthKibibytesMax = 4096
    private static let answer = """
        HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r
        Content-Length: 25\r\n\r\n{"cancelRequested":false}
        """

    private static func heartbeat(_ token: String, key: String = Service.key) -> String {
        """
        POST /tasks/\(base64(token))/heartbeat HTTP/1.1\r\nHost: x\r\nPrefer: wait=60\r
        Authorization: Bearer \(key)\r\nContent-Length: 16\r\n\r\n{"details":"50"}
        """
    }

    private static func descriptors(_ service: Service) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(service.process.child.pid)/fd").count
    }

    /// Of memory that is the process's own.
    private static func residentKibibytes(_ service: Service) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(service.process.child.pid)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
    }

    private static func flood(_ service: Service) throws {
        var client = try service.process.client()
        for _ in 0..<refusals {
            // The credentials are not looked at.
            try client.send(heartbeat("late", key: "none"))
            let refusal = try client.receive()
            try #require(refusal.status == 503)
            // The connection has had its share.
            if refusal["Connection"] == "close" { client = try service.process.client() }
        }
    }

    /// All of them would take longer than a row may; those that go in two statements, a third of it.
    private static let crowd = 440
    private static let rowMilliseconds = 35
    private static let commitTimeout = "15s"

    @Test func `where PostgreSQL is slow those are refused whose rows it could not commit in time, before SWF hears`()
        throws
    {
        let service = try Service([
            "HEARTBEAT_EVENT_LOOPS": "1", "HEARTBEAT_AUDIT_COMMIT_TIMEOUT": Self.commitTimeout,
        ])
        try service.database.session([
            """
            CREATE FUNCTION take_long() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN PERFORM pg_sleep(\(Double(Self.rowMilliseconds) / 1000)); RETURN NEW; END'
            """,
            "CREATE TRIGGER take_long BEFORE INSERT ON heartbeat_audit FOR EACH ROW EXECUTE FUNCTION take_long()",
        ])
        // By now it is known how long a row takes.
        for number in 0..<3 { #expect(try service.heartbeat(base64("first#\(number)")).status == 200) }
        let callers = try (0..<Self.crowd).map { _ in try service.process.client() }
        for (number, caller) in callers.enumerated() { try caller.send(Self.heartbeat("crowd#\(number)")) }
        let answers = try callers.map { try $0.receive() }

        let served = answers.count { $0.status == 200 }
        let refused = answers.count { $0.text.contains(#""code":"overloaded""#) }
        #expect(served + refused == Self.crowd)
        #expect(served > 0)
        #expect(refused > 0)
        let metrics = try service.process.operations("/metrics").text
        #expect(metrics.contains("\nheartbeat_upstream_attempts_total{result=\"ok\"} \(3 + served)\n"))
        #expect(metrics.contains("\nheartbeat_requests_total{code=\"overloaded\",status=\"503\"} \(refused)\n"))
        #expect(try service.heartbeat(base64("after")).status == 200)
    }

    @Test func `while SWF is slow a full service refuses at once, and afterwards all is well`() throws {
        let gate = Gate()
        defer { gate.open() }
        let upstream = try StubServer { _ in
            gate.wait()
            return [.send(Self.answer)]
        }
        let service = try Service([
            "HEARTBEAT_REQUESTS_MAX": "\(Self.requestsMax)", "AWS_ENDPOINT_URL_SWF": upstream.url,
        ])
        let admitted = try (0..<Self.requestsMax).map { number in
            let client = try service.process.client()
            try client.send(Self.heartbeat("held#\(number)"))
            return client
        }
        try upstream.waitForRequests(Self.requestsMax)

        let refusal = try service.heartbeat(base64("late"))
        #expect(refusal.status == 503)
        #expect(refusal["Content-Type"] == "application/problem+json")
        #expect(refusal.text.contains(#""code":"overloaded","retryable":true"#))
        #expect(refusal["Retry-After"].flatMap(Int.init).map { $0 >= 1 } == true)
        #expect(refusal["X-Request-Id"] != nil)
        for path in ["/livez", "/readyz"] { #expect(try service.process.operations(path).status == 200) }

        try Self.flood(service)
        let (descriptors, memory) = (try Self.descriptors(service), try Self.residentKibibytes(service))
        try Self.flood(service)
        try service.process.wait(for: "the flood's end") { try Self.descriptors(service) <= descriptors }
        #expect(try Self.residentKibibytes(service) < memory + Self.growthKibibytesMax)
        let metrics = try service.process.operations("/metrics").text
        let count = 1 + 2 * Self.refusals
        #expect(metrics.contains("\nheartbeat_requests_shed_total{reason=\"requests\"} \(count)\n"))
        #expect(metrics.contains("\nheartbeat_requests_total{code=\"overloaded\",status=\"503\"} \(count)\n"))
        let lines = service.process.log.split(separator: "\n").filter { $0.contains("requests refused") }
        #expect((1..<Self.refusals).contains(lines.count))

        gate.open()
        for client in admitted { #expect(try client.receive().status == 200) }
        #expect(try service.heartbeat(base64("after")).status == 200)
        let rows = try service.database.query("SELECT outcome, count(*) FROM heartbeat_audit GROUP BY outcome")
        #expect(rows == [["recorded", "\(Self.requestsMax + 1)"]])
        #expect(try service.process.terminate() == .exited(0))
    }
}
