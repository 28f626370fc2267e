import HTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DrainTests {
    @Test func `idle connections close, and the listener with them`() async throws {
        try await withServer { server in
            let (fresh, used) = (try server.client(), try server.client())
            #expect(try used.get("/a").status == 200)
            await server.close()
            #expect(try fresh.readToEnd() == [])
            #expect(try used.readToEnd() == [])
            try await server.events(until: .drained)
            #expect(throws: SupportError.self) { try server.client() }
        }
    }

    @Test func `a request that comes right after its connection is answered`() async throws {
        var limits = Limits()
        limits.firstByteTimeout = .seconds(300)
        limits.drainFirstByteTimeout = .seconds(300)
        try await withServer(limits) { server in
            let (client, idle) = (try server.client(), try server.client())
            #expect(try idle.get("/later").status == 200)
            await server.close()
            #expect(try idle.readToEnd() == [])
            let response = try client.get("/first")
            #expect(response.text == "GET /first ")
            #expect(response["Connection"] == "close")
            try await server.events(until: .drained)
        }
    }

    @Test func `a request under way is finished as the connection's last`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .began("/held"))
            await server.close()
            try await server.events(until: .closed)
            await server.release()
            let response = try client.receive()
            #expect(response.text == "GET /held ")
            #expect(response["Connection"] == "close")
            #expect(try client.readToEnd() == [])
            try await server.events(until: .drained)
        }
    }

    @Test(arguments: ["PO", "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nb"])
    func `a request that has begun to come is finished`(_ part: String) async throws {
        try await withServer { server in
            let client = try server.client()
            let whole = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nbc"
            try client.send(part)
            // The server has read the part when it has served a client that came later.
            #expect(try server.client().get("/later").status == 200)
            await server.close()
            try await server.events(until: .closed)
            try client.send(whole.dropFirst(part.count).utf8)
            let response = try client.receive()
            #expect(response.text == "POST /a bc")
            #expect(response["Connection"] == "close")
            try await server.events(until: .drained)
        }
    }

    @Test func `a request that lies in the system's buffer is answered`() async throws {
        try await withServer { server in
            let client = try server.client()
            #expect(try client.get("/before").status == 200)
            nonisolated(unsafe) let sender = client
            await server.close { try sender.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n") }
            let response = try client.receive()
            #expect(response.text == "GET /late ")
            #expect(response["Connection"] == "close")
            try await server.events(until: .drained)
        }
    }

    @Test func `a connection that lies in the listener's queue is served`() async throws {
        try await withServer { server in
            nonisolated(unsafe) var late: RawHTTPClient?
            try await server.busy { isolated in
                late = try server.client()
                try late?.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
                isolated.close()
            }
            let response = try #require(try late?.receive())
            #expect(response.text == "GET /late ")
            #expect(response["Connection"] == "close")
            try await server.events(until: .drained)
        }
    }

    @Test func `a full server takes its queue before it closes`() async throws {
        try await withServer(connectionsMax: 1) { server in
            let first = try server.client()
            #expect(try first.get("/first").status == 200)
            let second = try server.client()
            try second.send("GET /second HTTP/1.1\r\nHost: a\r\n\r\n")
            await server.close()
            #expect(try second.receive().text == "GET /second ")
            #expect(try first.readToEnd() == [])
            try await server.events(until: .drained)
        }
    }

    @Test func `before a drain connections are taken, and each has one more answer`() async throws {
        try await withServer { server in
            let (used, held) = (try server.client(), try server.client())
            #expect(try used.get("/a")["Connection"] == nil)
            try held.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .began("/held"))
            await server.announceClose()
            await server.release()
            for client in [used, try server.client()] {
                let response = try client.get("/b")
                #expect(response.text == "GET /b ")
                #expect(response["Connection"] == "close")
                #expect(try client.readToEnd() == [])
            }
            #expect(try held.receive()["Connection"] == "close")
        }
    }

    @Test func `what is not finished within the grace is cut off`() async throws {
        try await withServer(grace: .milliseconds(50)) { server in
            let (held, partial, deaf) = (try server.client(), try server.client(), try server.client())
            try held.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try partial.send("GET /partial HTT")
            try deaf.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try server.client().get("/later").status == 200)
            await server.close()
            try await server.events(until: .drained)
            #expect(try held.readToEnd() == [])
            #expect(try partial.readToEnd() == [])
            #expect(try deaf.readToEnd().count < TestHandler.largeBytes)
        }
    }
}
