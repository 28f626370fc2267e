import HTTP
import TestSupport
import Testing

/// Bodies that come bit by bit.
@Suite(.timeLimit(.minutes(10)))
struct StreamTests {
    private static let request = "GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"

    /// Asks for a stream and reads its head and what came with it.
    private func open(_ server: ServerUnderTest) async throws -> RawHTTPClient {
        let client = try server.client()
        try client.send(Self.request)
        try await server.events(until: .ended("/stream"))
        return client
    }

    @Test func `each bit is sent as it comes, and the connection ends with the last`() async throws {
        try await withServer { server in
            let client = try await open(server)
            #expect(try client.receive(until: "\r\n\r\n").contains("\r\nConnection: close\r\n"))
            await server.stream("one ")
            #expect(try client.receive(until: "one ") == "one ")
            await server.stream("two")
            #expect(try client.receive(until: "two") == "two")
            await server.stream(nil)
            #expect(try client.readToEnd() == [])
            try await server.events(until: .streamEnded)
        }
    }

    @Test func `a response with a stream has no length`() async throws {
        try await withServer { server in
            let client = try await open(server)
            await server.stream("all")
            await server.stream(nil)
            let response = try client.receive()
            #expect(response.text == "all")
            #expect(response["Content-Length"] == nil)
        }
    }

    @Test func `HEAD gets its head alone`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .streamEnded)
            let response = try client.receive(toHead: true)
            #expect(response.status == 200)
            #expect(response["Content-Length"] == nil)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `a head that cannot be sent ends the stream`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("GET /unsendable-stream HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .streamEnded)
            let response = try client.receive()
            #expect(response.status == 500)
            #expect(response["Connection"] == "close")
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `a drain ends a stream that waits, without its grace`() async throws {
        try await withServer { server in
            let client = try await open(server)
            #expect(try client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            await server.close()
            #expect(try client.readToEnd() == [])
            try await server.events(until: .drained)
        }
    }

    @Test func `a drain ends a stream whose peer takes nothing`() async throws {
        try await withServer { server in
            let deaf = try server.client()
            try deaf.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .ended("/endless"))
            await server.close()
            try await server.events(until: .drained)
            #expect(try deaf.readToEnd().starts(with: "HTTP/1.1 200 OK\r\n".utf8))
        }
    }

    @Test func `a peer that takes nothing in time is dropped`() async throws {
        var limits = Limits.patient
        limits.writeTimeout = .milliseconds(50)
        try await withServer(limits) { server in
            let deaf = try server.client()
            try deaf.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .streamEnded)
            try await server.events(until: .connections(open: 0, serving: 0))
            #expect(try deaf.readToEnd().starts(with: "HTTP/1.1 200 OK\r\n".utf8))
        }
    }

    @Test func `a peer that has gone ends the stream`() async throws {
        try await withServer { server in
            let client = try await open(server)
            #expect(try client.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            client.abort()
            await server.stream("to nobody")
            try await server.events(until: .streamEnded)
        }
    }
}
