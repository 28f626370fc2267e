import TestSupport
import Testing

/// Clients that come, go, and come in numbers.
@Suite(.timeLimit(.minutes(10)))
struct ClientTests {
    @Test func `a handler runs to its end though its client goes away`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .began("/held"))
            client.abort()
            #expect(try server.client().get("/other").status == 200)
            await server.release()
            let events = try await server.events(until: .connections(open: 0, serving: 0))
            #expect(events.contains(.ended("/held")))
        }
    }

    @Test func `a client that has ended its stream gets its answers`() async throws {
        try await withServer { server in
            let client = try server.client()
            let request = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
            try client.send(request + request)
            client.finishSending()
            #expect(try client.receive().text == "GET /slow ")
            #expect(try client.receive().text == "GET /slow ")
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `whoever comes while the server is full waits`() async throws {
        try await withServer(connectionsMax: 1) { server in
            let first = try server.client()
            #expect(try first.get("/first").status == 200)
            let second = try server.client()
            try second.send("GET /second HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try first.get("/first").status == 200)
            first.abort()
            #expect(try second.receive().text == "GET /second ")
            second.abort()
            let events = try await server.events(until: .connections(open: 0, serving: 0))
            let later = try await server.events(until: .connections(open: 0, serving: 0))
            #expect(!events.contains(.began("/second")))
            #expect(later.contains(.began("/second")))
        }
    }

    @Test func `many clients are served at once`() async throws {
        try await withServer { server in
            let clients = try (0..<200).map { _ in try server.client() }
            for client in clients { try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n") }
            try await server.events(until: .connections(open: 200, serving: 200))
            await server.release()
            for client in clients { #expect(try client.receive().status == 200) }
            for client in clients { #expect(try client.post("/again", body: "b").text == "POST /again b") }
        }
    }

    @Test func `a client that pipelines takes turns with the others`() async throws {
        try await withServer { server in
            let (busy, other) = (try server.client(), try server.client())
            #expect(try other.get("/before").status == 200)
            try busy.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try await server.events(until: .began("/held"))
            try busy.send(String(repeating: "GET /busy HTTP/1.1\r\nHost: a\r\n\r\n", count: 900))
            nonisolated(unsafe) let client = other
            try await server.busy { server in
                server.release()
                try client.send("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            let before = try await server.events(until: .began("/other"))
            #expect(before.count { $0 == .began("/busy") } < 900)
            for _ in 0...900 { #expect(try busy.receive().status == 200) }
        }
    }

    @Test func `clients that come in a crowd take turns with those that are there`() async throws {
        try await withServer { server in
            #expect(try server.client().get("/before").status == 200)
            nonisolated(unsafe) var crowd: [RawHTTPClient] = []
            try await server.busy { _ in
                for _ in 0..<300 {
                    let client = try server.client()
                    try client.send("GET /crowd HTTP/1.1\r\nHost: a\r\n\r\n")
                    crowd.append(client)
                }
            }
            let before = try await server.events(until: .began("/crowd"))
            #expect(!before.contains(.connections(open: 300, serving: 0)))
            for client in crowd { #expect(try client.receive().status == 200) }
        }
    }
}
