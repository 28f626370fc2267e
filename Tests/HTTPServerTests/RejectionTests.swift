import HTTP
import TestSupport
import Testing

/// Bytes that are no request, and the error that they are.
private struct Refused: Sendable, CustomTestStringConvertible {
    let bytes: String
    let error: ProtocolError

    init(_ bytes: String, _ error: ProtocolError) {
        (self.bytes, self.error) = (bytes, error)
    }

    var testDescription: String { "\(error)" }

    static let all = [
        Refused("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequest),
        Refused("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", .malformedRequest),
        Refused("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", .contentTooLarge),
        Refused("GET /" + String(repeating: "a", count: 8192), .uriTooLong),
        Refused("GET / HTTP/1.1\r\nExpect: tea\r\nHost: a\r\n\r\n", .expectationFailed),
        Refused("GET / HTTP/1.1\r\nA: " + String(repeating: "a", count: 16384), .requestHeaderFieldsTooLarge),
        Refused("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", .notImplemented),
        Refused("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .httpVersionNotSupported),
    ]
}

@Suite(.timeLimit(.minutes(10)))
struct RejectionTests {
    @Test(arguments: Refused.all)
    fileprivate func `what is no request is answered, and nothing after it`(_ refused: Refused) async throws {
        try await withServer { server in
            let client = try server.client()
            #expect(try client.get("/before").status == 200)
            try client.send(refused.bytes + "GET /after HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.receive()
            #expect(response.status == refused.error.status)
            #expect(response["Connection"] == "close")
            #expect(try client.readToEnd() == [])
            client.finishSending()
            let events = try await server.events(until: .connections(open: 0, serving: 0))
            #expect(events.contains(.rejected(refused.error)))
            #expect(!events.contains(.began("/after")))
        }
    }

    @Test(arguments: [
        "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\n", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nb",
    ])
    func `a request that ends in its midst is answered`(_ part: String) async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send(part)
            client.finishSending()
            #expect(try client.receive().status == 400)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `a client still sending its refused body reads the answer`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n")
            for _ in 0..<90 { try client.send([UInt8](repeating: 0x62, count: 10_000)) }
            #expect(try client.receive().status == 413)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `a client that sends on after its last request reads the whole answer`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try client.send([UInt8](repeating: 0x62, count: 100_000))
            #expect(try client.receive().body.count == TestHandler.largeBytes)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test func `a client that never stops sending is cut off`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n")
            let body = [UInt8](repeating: 0x62, count: 20_000_000)
            #expect(throws: RawHTTPClient.Failure.reset) { try client.send(body) }
        }
    }
}
