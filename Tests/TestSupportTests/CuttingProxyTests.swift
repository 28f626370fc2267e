import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct CuttingProxyTests {
    /// Answers whatever it gets.
    private static func server() throws -> StubServer {
        try StubServer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody")] }
    }

    @Test func `it carries both ways, until it cuts, and takes new connections afterwards`() throws {
        let server = try Self.server()
        let proxy = try CuttingProxy(to: server.port)
        let client = try RawHTTPClient(port: proxy.port)
        for _ in 0..<2 { #expect(try client.get("/").text == "body") }
        proxy.cut()
        #expect(try client.readToEnd() == [])
        try server.waitUntilAllAreClosed()
        #expect(try RawHTTPClient(port: proxy.port).get("/").text == "body")
        #expect(proxy.connectionsOpened == 2)
    }

    @Test func `a chunk is cut where the judge says`() throws {
        let server = try Self.server()
        let head = "HTTP/1.1 200 OK\r\n"
        let proxy = try CuttingProxy(to: server.port) { chunk in
            chunk.direction == .toClient && chunk.connection == 1 ? .cut(after: head.utf8.count) : .forward
        }
        let client = try RawHTTPClient(port: proxy.port)
        try client.send("GET / HTTP/1.1\r\n\r\n")
        #expect(String(decoding: try client.readToEnd(), as: UTF8.self) == head)
        #expect(try RawHTTPClient(port: proxy.port).get("/").text == "body")
    }

    @Test func `stalled it carries nothing, and goes on where it stopped`() throws {
        let server = try Self.server()
        let proxy = try CuttingProxy(to: server.port)
        let (patient, hasty) = (
            try RawHTTPClient(port: proxy.port), try RawHTTPClient(port: proxy.port, deadline: .milliseconds(50))
        )
        #expect(try patient.get("/").text == "body")
        proxy.stall()
        for client in [patient, hasty] { try client.send("GET / HTTP/1.1\r\n\r\n") }
        #expect(throws: RawHTTPClient.Failure.timeout) { try hasty.receive() }
        #expect(server.requests.count == 1)
        proxy.resume()
        #expect(try patient.receive().text == "body")
        try server.waitForRequests(3)
    }

    @Test func `without a server its clients' connections end`() throws {
        let proxy = try CuttingProxy(to: freePort())
        #expect(try RawHTTPClient(port: proxy.port).readToEnd() == [])
    }
}
