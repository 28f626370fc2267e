import HTTP
import TestSupport
import Testing

@testable import HTTPServer

@Suite(.timeLimit(.minutes(10)))
struct AdmissionTests {
    private static func rules(_ change: (inout Admission.Rules) throws -> Void) rethrows -> Admission.Rules {
        var rules = Admission.Rules()
        try change(&rules)
        return rules
    }

    @Test func `a client that has its connections gets no more until one of them ends`() async throws {
        try await withServer(rules: Self.rules { $0.connectionsPerClientMax = 2 }) { server in
            let (first, second) = (try server.client(), try server.client())
            #expect(try first.get("/a").status == 200)
            #expect(try second.get("/a").status == 200)
            #expect(try server.client().readToEnd() == [])
            #expect(try server.client().readToEnd() == [])
            #expect(try first.get("/b").status == 200)
            let events = try await server.events(until: .began("/b"))
            #expect(events.count { $0 == .refused(.clientLimit) } == 2)
            second.abort()
            try await server.events(until: .connections(open: 1, serving: 0))
            #expect(try server.client().get("/c").status == 200)
        }
    }

    @Test func `a trusted proxy may have any number of connections`() async throws {
        let rules = try Self.rules {
            $0.connectionsPerClientMax = 1
            $0.trustedProxies = try #require(TrustedProxies("127.0.0.0/8"))
        }
        try await withServer(rules: rules) { server in
            let clients = try (0..<3).map { _ in try server.client() }
            for client in clients { #expect(try client.get("/a").status == 200) }
            let forwarded = [(name: "X-Forwarded-For", value: "203.0.113.1")]
            #expect(try clients[0].get("/peer", headers: forwarded).text == "203.0.113.1")
            #expect(try clients[0].get("/peer").text == "127.0.0.1")
        }
    }

    @Test func `what others say of their clients does not count`() async throws {
        try await withServer { server in
            let forwarded = [(name: "X-Forwarded-For", value: "203.0.113.1")]
            let response = try server.client().get("/peer", headers: forwarded)
            #expect(response.text == "127.0.0.1")
        }
    }

    @Test func `two loops count a client's connections together`() throws {
        let admission = Admission(Self.rules { $0.connectionsPerClientMax = 2 })
        func enter(_ address: String) throws -> Bool { admission.enter(try #require(admission.client(at: address))) }
        #expect(try enter("192.0.2.1"))
        #expect(try enter("::ffff:192.0.2.1"))
        #expect(try !enter("192.0.2.1"))
        #expect(try enter("192.0.2.2"))
        // An IPv6 client has a whole /64.
        #expect(try enter("2001:db8::1"))
        #expect(try enter("2001:db8::2"))
        #expect(try !enter("2001:db8::ffff:1:2:3"))
        #expect(try enter("2001:db8:0:1::1"))
        admission.leave(try #require(admission.client(at: "2001:db8::2")))
        #expect(try enter("2001:db8::3"))
        #expect(admission.client(at: nil) == nil)
    }

    @Test func `a Unix socket's peers have no address`() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        try await withServer(rules: Self.rules { $0.connectionsPerClientMax = 1 }, at: "unix:\(path)") { _ in
            let clients = try (0..<2).map { _ in try RawHTTPClient(unixPath: path) }
            for client in clients { #expect(try client.get("/peer").text == "nobody") }
        }
    }

    @Test func `a connection's last request is answered as the last`() async throws {
        var limits = Limits.patient
        limits.requestsMax = 2
        try await withServer(limits) { server in
            let client = try server.client()
            try client.send(String(repeating: "GET /a HTTP/1.1\r\nHost: a\r\n\r\n", count: 5))
            #expect(try client.receive()["Connection"] == nil)
            #expect(try client.receive()["Connection"] == "close")
            #expect(try client.readToEnd() == [])
        }
    }
}
