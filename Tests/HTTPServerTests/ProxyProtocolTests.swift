import HTTP
import HTTPServer
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ProxyProtocolTests {
    private static let header = "PROXY TCP4 203.0.113.1 198.51.100.1 4711 443\r\n"
    private static let request = "GET /peer HTTP/1.1\r\nHost: a\r\n\r\n"

    private func withProxiedServer(
        _ change: (inout Limits, inout Admission.Rules) -> Void = { _, _ in }, trusting list: String = "127.0.0.1",
        _ body: (ServerUnderTest) async throws -> Void
    ) async throws {
        var (limits, rules) = (Limits.patient, Admission.Rules())
        rules.requiresProxyHeader = true
        rules.trustedProxies = try #require(TrustedProxies(list))
        change(&limits, &rules)
        try await withServer(limits, rules: rules, body)
    }

    /// Version 2 with the address 203.0.113.2 and a TLV behind it.
    private static let header2: [UInt8] =
        Array("\r\n\r\n\0\r\nQUIT\n".utf8) + [
            0x21, 0x11, 0, 16, 203, 0, 113, 2, 198, 51, 100, 1, 0x12, 0x34, 0, 80, 4, 0, 1, 0,
        ]

    @Test(arguments: [
        (Array(header.utf8), "203.0.113.1"), (header2, "203.0.113.2"), (Array("PROXY UNKNOWN\r\n".utf8), "127.0.0.1"),
        (Array("PROXY TCP6 2001:db8::1 ::1 4711 443\r\n".utf8), "2001:db8::1"),
    ])
    func `the client is whom the header names`(_ header: [UInt8], _ client: String) async throws {
        try await withProxiedServer { server in
            let together = try server.client()
            try together.send(header + Array(Self.request.utf8))
            #expect(try together.receive().text == client)
            #expect(try together.get("/peer").text == client)
            let dripping = try server.client()
            for byte in header { try dripping.send([byte]) }
            #expect(try dripping.get("/peer").text == client)
        }
    }

    @Test func `it stands in the clear before TLS, alone or with the beginning of the handshake`() async throws {
        let fixture = try TLSFixture.shared.get()
        var rules = Admission.Rules()
        rules.requiresProxyHeader = true
        rules.trustedProxies = try #require(TrustedProxies("127.0.0.1"))
        try await withServer(tls: try fixture.context(), rules: rules) { server in
            let printed = try fixture.client(
                server,
                """
                def hello(header):
                    'Shakes hands in memory as far as the first flight.'
                    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
                    stream = context().wrap_bio(incoming, outgoing, server_hostname='localhost')
                    try: stream.do_handshake()
                    except ssl.SSLWantReadError: pass
                    return stream, incoming, outgoing, header + outgoing.read()

                header = bytes.fromhex(arguments[0])
                plain = tcp()
                plain.sendall(header)
                with context().wrap_socket(plain, server_hostname='localhost') as stream:
                    print(call(stream, b'/peer'))
                stream, incoming, outgoing, first = hello(header)
                plain = tcp()
                plain.sendall(first)
                while True:
                    try: stream.do_handshake(); break
                    except ssl.SSLWantReadError: incoming.write(some(plain))
                print(stream.version())
                """, [Self.header2.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()])
            #expect(printed.contains("203.0.113.2"))
            #expect(printed.hasSuffix("TLSv1.3\n"))
        }
    }

    @Test func `a request may be pipelined behind it, and its forwarded client be trusted too`() async throws {
        try await withProxiedServer(trusting: "127.0.0.1,203.0.113.0/24") { server in
            let client = try server.client()
            try client.send(Self.header + Self.request)
            #expect(try client.receive().text == "203.0.113.1")
            let forwarded = [(name: "X-Forwarded-For", value: "192.0.2.1, 198.51.100.7")]
            #expect(try client.get("/peer", headers: forwarded).text == "198.51.100.7")
        }
    }

    @Test(arguments: [request, "\r\n\r\n" + request, "\u{16}\u{3}\u{1}", "PROXY TCP4 1.2.3 4.5.6.7 1 2\r\n" + request])
    func `a connection that begins otherwise is closed without a word`(_ beginning: String) async throws {
        try await withProxiedServer { server in
            let client = try server.client()
            try client.send(beginning)
            do { #expect(try client.readToEnd() == []) } catch RawHTTPClient.Failure.reset {}
            let events = try await server.events(until: .refused(.proxyHeader))
            #expect(!events.contains(.began("/peer")))
        }
    }

    @Test func `nobody else may send it`() async throws {
        try await withProxiedServer(trusting: "127.0.0.2") { server in
            let client = try server.client()
            #expect(try client.readToEnd() == [])
            try await server.events(until: .refused(.untrustedPeer))
        }
    }

    @Test(arguments: ["", "PROX", "PROXY TCP4 1.2.3.4"])
    func `a header that does not come to its end in time ends the connection`(_ part: String) async throws {
        try await withProxiedServer({ limits, _ in limits.proxyHeaderTimeout = .milliseconds(30) }) { server in
            let client = try server.client()
            try client.send(part)
            do { #expect(try client.readToEnd() == []) } catch RawHTTPClient.Failure.reset {}
            try await server.events(until: .refused(.proxyHeader))
        }
    }

    @Test func `connections are counted for the client that the header names`() async throws {
        try await withProxiedServer({ _, rules in rules.connectionsPerClientMax = 1 }) { server in
            let header = { (last: Int) in "PROXY TCP4 203.0.113.\(last) 198.51.100.1 4711 443\r\n" }
            let clients = try (0..<3).map { _ in try server.client() }
            for (client, last) in zip(clients, [1, 2]) {
                try client.send(header(last))
                #expect(try client.get("/peer").text == "203.0.113.\(last)")
            }
            try clients[2].send(header(1))
            #expect(try clients[2].readToEnd() == [])
            try await server.events(until: .refused(.clientLimit))
        }
    }

    @Test func `a drain finishes a header that has begun, and what follows it`() async throws {
        try await withProxiedServer { server in
            let (silent, begun) = (try server.client(), try server.client())
            try begun.send("PROXY ")
            let served = try server.client()
            try served.send(Self.header + Self.request)
            #expect(try served.receive().status == 200)
            nonisolated(unsafe) let sender = begun
            await server.close { try sender.send(String(Self.header.dropFirst(6)) + Self.request) }
            #expect(try silent.readToEnd() == [])
            let response = try begun.receive()
            #expect(response.text == "203.0.113.1")
            #expect(response["Connection"] == "close")
            #expect(try served.readToEnd() == [])
            try await server.events(until: .drained)
        }
    }
}
