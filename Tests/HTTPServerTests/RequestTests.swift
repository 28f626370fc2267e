import HTTP
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct RequestTests {
    @Test func `a connection is kept for one request after another`() async throws {
        try await withServer { server in
            let client = try server.client()
            for body in ["one", "", "three"] {
                let response = try client.post("/a", body: body)
                #expect(response.status == 200)
                #expect(response.text == "POST /a \(body)")
                #expect(response["Connection"] == nil)
                #expect(response["Date"] != nil)
            }
        }
    }

    @Test func `more connections than tasks are kept for are served again and again`() async throws {
        try await withServer { server in
            let clients = try (0..<150).map { _ in try server.client() }
            for round in 0..<3 {
                for client in clients { try client.send("GET /\(round) HTTP/1.1\r\nHost: a\r\n\r\n") }
                for client in clients { #expect(try client.receive().text == "GET /\(round) ") }
            }
        }
    }

    @Test func `pipelined requests are answered in their order`() async throws {
        try await withServer { server in
            let client = try server.client()
            let paths = (0..<300).map { "/\($0)" }
            try client.send(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            for path in paths { #expect(try client.receive().text == "GET \(path) ") }
        }
    }

    @Test func `pipelined requests wait in the system's buffers, not in the server's`() async throws {
        try await withServer { server in
            let client = try server.client(deadline: .milliseconds(300))
            try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            let body = String(repeating: "b", count: 10_000)
            let request = Array("POST /flood HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n\(body)".utf8)
            var flood: [UInt8] = []
            for _ in 0..<1600 { flood += request }
            #expect(throws: RawHTTPClient.Failure.timeout) { try client.send(flood) }
            client.abort()
        }
    }

    @Test func `a chunked body is put together`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            try client.send("2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n")
            #expect(try client.receive().text == "POST /a abcde")
            #expect(try client.get("/b").text == "GET /b ")
        }
    }

    @Test func `HEAD is answered without the body that it announces`() async throws {
        try await withServer { server in
            let client = try server.client()
            let response = try client.request("HEAD", "/a")
            #expect(response["Content-Length"] == "8")
            #expect(response.body == [])
            #expect(try client.get("/b").text == "GET /b ")
        }
    }

    @Test func `a client that waits for it gets 100 Continue before it sends the body`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.receive().status == 100)
            try client.send("abc")
            #expect(try client.receive().text == "POST /a abc")
        }
    }

    @Test func `a client that waits is answered at once where its body is not wanted`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("POST /unwanted HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            let response = try client.receive()
            #expect(response.text == "POST /unwanted ")
            #expect(response["Connection"] == "close")
            // It is not read as a request, should it come nevertheless.
            try client.send("GET /b HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(throws: RawHTTPClient.Failure.closed(received: [])) { try client.receive() }
        }
    }

    @Test func `a request may come byte by byte`() async throws {
        try await withServer { server in
            let client = try server.client()
            for byte in "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123456789".utf8 {
                try client.send([byte])
            }
            #expect(try client.receive().text == "POST /a 123456789")
        }
    }

    @Test func `the largest head and body that the limits allow are served`() async throws {
        let limits = Limits()
        try await withServer(limits) { server in
            let client = try server.client()
            let path = "/" + String(repeating: "p", count: limits.requestLineBytesMax - "POST / HTTP/1.1".utf8.count)
            let fields = "Host: a\r\nContent-Length: \(limits.bodyBytesMax)\r\nX: "
            let value = String(repeating: "v", count: limits.headerBytesMax - fields.utf8.count - 2 - 2)
            let body = String(repeating: "b", count: limits.bodyBytesMax)
            for _ in 0..<2 {
                try client.send("\r\nPOST \(path) HTTP/1.1\r\n\(fields)\(value)\r\n\r\n\(body)")
                #expect(try client.receive().text == "POST \(path) \(body)")
            }
            #expect(try client.get("/small").text == "GET /small ")
        }
    }

    @Test func `a response that cannot be sent goes out as 500`() async throws {
        try await withServer { server in
            let client = try server.client()
            let response = try client.get("/unsendable")
            #expect(response.status == 500)
            #expect(response.body == [])
            #expect(try client.get("/b").status == 200)
        }
    }

    @Test func `a large response comes whole`() async throws {
        try await withServer { server in
            let client = try server.client()
            #expect(try client.get("/large").body.count == TestHandler.largeBytes)
            #expect(try client.get("/b").text == "GET /b ")
        }
    }

    @Test func `an HTTP/1.0 client is answered and the connection closed`() async throws {
        try await withServer { server in
            let client = try server.client()
            try client.send("GET /a HTTP/1.0\r\n\r\n")
            #expect(try client.receive()["Connection"] == "close")
            #expect(try client.readToEnd() == [])
        }
    }
}
