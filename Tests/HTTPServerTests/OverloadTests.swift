import EventLoop
import HTTP
import TestSupport
import Testing

@testable import HTTPServer

/// The first ones fill the server, and others come.
@Suite(.timeLimit(.minutes(10)))
struct OverloadTests {
    private static func full(_ requestsMax: Int) -> Admission.Rules {
        var rules = Admission.Rules()
        rules.requestsMax = requestsMax
        return rules
    }

    /// Nobody waits for too long, however busy the machine is.
    private static let patient = {
        var rules = OverloadRule.Rules()
        rules.interval = .seconds(600)
        return rules
    }()

    /// With as many requests under way as there may be. They are to be answered after the body.
    private static func withFullServer(
        _ requestsMax: Int, _ body: (ServerUnderTest) async throws -> Void
    ) async throws {
        try await withServer(rules: full(requestsMax), overload: patient) { server in
            let held = try (0..<requestsMax).map { _ in try server.client() }
            for client in held { try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n") }
            try await server.events(until: .connections(open: requestsMax, serving: requestsMax))
            try await body(server)
            await server.release()
            for client in held { #expect(try client.receive().status == 200) }
        }
    }

    @Test func `who comes to a full server is refused, and keeps the connection`() async throws {
        try await Self.withFullServer(2) { server in
            let client = try server.client()
            for body in ["", "body", String(repeating: "b", count: 60_000)] {
                let refusal = try client.post("/late", body: body)
                #expect(refusal.status == 503)
                #expect(refusal["Retry-After"].flatMap(Int.init).map { $0 >= 1 } == true)
                #expect(refusal["Connection"] == nil)
            }
            await server.release()
            // What it was refused for is over, and of the bodies nothing is left.
            let events = try await server.events(until: .connections(open: 3, serving: 0))
            #expect(!events.contains(.began("/late")))
            #expect(try client.post("/late", body: "b").text == "POST /late b")
        }
    }

    @Test func `a full server asks for no body`() async throws {
        try await Self.withFullServer(1) { server in
            let late = try server.client()
            try late.send("POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
            let refusal = try late.receive()
            #expect(refusal.status == 503)
            #expect(refusal["Connection"] == "close")
            #expect(try late.readToEnd() == [])
        }
    }

    @Test func `pipelined requests are refused one by one`() async throws {
        try await Self.withFullServer(1) { server in
            let late = try server.client()
            try late.send(String(repeating: "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nb", count: 500))
            for _ in 0..<500 { #expect(try late.receive().status == 503) }
        }
    }

    @Test func `who comes while there is no room for what requests lead to waits until there is some`() async throws {
        try await withServer(overload: Self.patient, room: 1) { server in
            #expect(try server.client().get("/first").status == 200)
            _ = try await server.events(until: .ended("/first"))
            let clients = try (0..<3).map { _ in try server.client() }
            for client in clients { try client.send("GET /next HTTP/1.1\r\nHost: a\r\n\r\n") }
            for _ in 0..<10 {
                let events = try await server.events(until: .askedForRoom)
                #expect(!events.contains(.began("/next")))
            }
            await server.makeRoom(1)
            try await server.events(until: .ended("/next"))
            for _ in 0..<10 {
                let events = try await server.events(until: .askedForRoom)
                #expect(!events.contains(.began("/next")))
            }
            await server.makeRoom(2)
            for client in clients { #expect(try client.receive().status == 200) }
        }
    }

    @Test func `where there is no room for long it is refused`() async throws {
        var rules = OverloadRule.Rules()
        rules.interval = .zero
        rules.waitMax = .zero
        try await withServer(overload: rules, room: 0) { server in
            let client = try server.client()
            for _ in 0..<3 { #expect(try client.post("/late", body: "b").status == 503) }
            await server.makeRoom(1)
            #expect(try client.get("/next").status == 200)
        }
    }

    /// Two requests of which the loop sees both at once: the first one sends the probe, which is late for the second.
    private static func late(_ change: (inout OverloadRule.Rules) -> Void) async throws -> [Int] {
        var rules = OverloadRule.Rules()
        rules.delayMax = .zero
        rules.interval = .zero
        change(&rules)
        var statuses: [Int] = []
        try await withServer(overload: rules) { server in
            let clients = try (0..<2).map { _ in try server.client() }
            try await server.events(until: .connections(open: 2, serving: 0))
            // Nobody else uses them until `busy` has returned.
            nonisolated(unsafe) let both = clients
            try await server.busy { _ in
                for client in both { try client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nb") }
            }
            statuses = try clients.map { try $0.receive().status }
            for client in clients { #expect(try client.get("/again").status == 200) }
        }
        return statuses
    }

    @Test func `who comes to a loop that is late waits, and is refused where it has been late for long`() async throws {
        #expect(try await Self.late { $0.waitMax = .seconds(600) } == [200, 200])
        #expect(try await Self.late { $0.waitMax = .zero }.sorted() == [200, 503])
    }

    @Test func `the listener for probes refuses nobody`() async throws {
        try await withServer(rules: Self.full(1)) { server in
            let clients = try (0..<3).map { _ in try server.client() }
            for client in clients { try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n") }
            try await server.events(until: .connections(open: 3, serving: 3))
            await server.release()
            for client in clients { #expect(try client.receive().status == 200) }
        }
    }
}
