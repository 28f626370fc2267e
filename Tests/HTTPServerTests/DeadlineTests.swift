import HTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct DeadlineTests {
    private static func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits()
        change(&limits)
        return limits
    }

    @Test(arguments: ["G", "GET / HTTP/1.1\r\nHost: a\r\n"])
    func `a head that does not come to its end in time is answered with 408`(_ part: String) async throws {
        try await withServer(Self.limits { $0.headerTimeout = .milliseconds(30) }) { server in
            let client = try server.client()
            try client.send(part)
            let response = try client.receive()
            #expect(response.status == 408)
            #expect(response["Connection"] == "close")
            #expect(try client.readToEnd() == [])
        }
    }

    @Test(arguments: ["Content-Length: 2\r\n\r\nb", "Transfer-Encoding: chunked\r\n\r\n2\r\nb"])
    func `a body that does not come to its end in time is answered with 408`(_ rest: String) async throws {
        try await withServer(Self.limits { $0.bodyTimeout = .milliseconds(30) }) { server in
            let client = try server.client()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\n\(rest)")
            #expect(try client.receive().status == 408)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test(arguments: ["", "\r\n"])
    func `an idle connection is closed without a word`(_ before: String) async throws {
        try await withServer(Self.limits { $0.idleTimeout = .milliseconds(30) }) { server in
            let client = try server.client()
            try client.send(before)
            #expect(try client.readToEnd() == [])
            let events = try await server.events(until: .connections(open: 0, serving: 0))
            #expect(!events.contains(.rejected(.requestTimeout)))
        }
    }

    @Test func `each wait has the whole of its time, and a handler as long as it takes`() async throws {
        let limits = Self.limits {
            $0.headerTimeout = .milliseconds(40)
            $0.bodyTimeout = .milliseconds(40)
            $0.writeTimeout = .milliseconds(40)
        }
        try await withServer(limits) { server in
            let client = try server.client()
            for _ in 0..<3 { #expect(try client.post("/slow", body: "b").text == "POST /slow b") }
        }
    }

    @Test func `a client that does not take its answer is cut off`() async throws {
        try await withServer(Self.limits { $0.writeTimeout = .milliseconds(30) }) { server in
            let client = try server.client()
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .connections(open: 0, serving: 0))
            #expect(try client.readToEnd().count < TestHandler.largeBytes)
        }
    }
}
