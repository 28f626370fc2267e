import HTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DeadlineTests {
    private static func limits(_ change: (inout Limits) -> Void) -> Limits {
        var limits = Limits.patient
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

    @Test(arguments: ["Content-Length: 2\r\n\r\nb", "Transfer-Encoding: chunked\r\n\r\n2\r\nb"])
    func `a body of which nothing more comes has the grace, and what came before has bought it`(
        _ rest: String
    ) async throws {
        try await withServer(Self.limits { $0.bodyRateGrace = .milliseconds(30) }) { server in
            let client = try server.client()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\n\(rest)")
            #expect(try client.receive().status == 408)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `a body that comes fast enough may take longer than the grace`() async throws {
        let limits = Self.limits {
            $0.bodyRateGrace = .milliseconds(1)
            $0.bodyBytesPerSecondMin = 1000
        }
        try await withServer(limits) { server in
            let client = try server.client()
            let body = String(repeating: "b", count: 30_000)
            // What comes with the head buys 29 seconds for the rest.
            try client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n" + body.dropLast(1000))
            #expect(try server.client().get("/slow").status == 200)
            try client.send(String(body.suffix(1000)))
            #expect(try client.receive().status == 200)
        }
    }

    @Test(arguments: ["", "\r\n"])
    func `a connection on which nothing ever comes is closed without a word`(_ before: String) async throws {
        try await withServer(Self.limits { $0.firstByteTimeout = .milliseconds(30) }) { server in
            let client = try server.client()
            try client.send(before)
            #expect(try client.readToEnd() == [])
            let events = try await server.events(until: .connections(open: 0, serving: 0))
            #expect(!events.contains(.rejected(.requestTimeout)))
        }
    }

    @Test(arguments: ["", "\r\n"])
    func `an idle connection is closed without a word`(_ before: String) async throws {
        try await withServer(Self.limits { $0.idleTimeout = .milliseconds(30) }) { server in
            let client = try server.client()
            #expect(try client.get("/first").status == 200)
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

    @Test func `clients that stall are all gone in time, and do not keep others waiting`() async throws {
        // Long enough for the healthy one on a busy machine.
        let limits = Self.limits {
            $0.firstByteTimeout = .seconds(3)
            $0.headerTimeout = .seconds(3)
            $0.bodyRateGrace = .seconds(3)
            $0.writeTimeout = .seconds(3)
        }
        try await withServer(limits) { server in
            let healthy = try server.client()
            #expect(try healthy.get("/before").status == 200)
            let stalled = try (0..<200).map { _ in try server.client() }
            let beginnings = [
                "", "GET / HTTP/1.1\r\nHost: a\r\nX: ", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nb",
                "GET /large HTTP/1.1\r\nHost: a\r\n\r\n",
            ]
            for (index, client) in stalled.enumerated() { try client.send(beginnings[index % beginnings.count]) }
            #expect(try healthy.get("/meanwhile").status == 200)
            try await server.events(until: .ended("/meanwhile"))
            try await server.events(until: .connections(open: 1, serving: 0))
            #expect(try healthy.get("/after").status == 200)
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
