import TestSupport
import Testing

/// A server that sends a fixed answer to each of its connections and closes them.
private let server = #"""
    import socket, sys
    listener = socket.create_server(("127.0.0.1", 0))
    print("port", listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        for part in sys.argv[1:]:
            data = connection.recv(65536)
            print("got", data, flush=True)
            connection.sendall(part.encode())
        connection.close()
    """#

private func serving(_ answers: String..., body: (RawHTTPClient, ChildProcess) throws -> Void) throws {
    let child = try ChildProcess("python3", ["-c", server] + answers)
    let line = try child.waitForLine(on: .standardOutput) { $0.hasPrefix("port ") }
    try body(RawHTTPClient(port: #require(UInt16(line.dropFirst(5)))), child)
}

struct RawHTTPClientTests {
    @Test func `a connection is used again`() throws {
        try serving(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-a:2\r\n\r\nhi",
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        ) { client, child in
            let first = try client.post("/a", headers: [("X-B", "c")], body: "é")
            #expect(first.status == 200)
            #expect(first.reason == "OK")
            #expect(first.text == "hi")
            #expect(first["X-a"] == "1")
            #expect(first.values(of: "x-a") == ["1", "2"])
            #expect(try client.get("/b").status == 404)
            #expect(try client.readToEnd() == [])
            let got = try child.waitForLine(on: .standardOutput) { $0.hasPrefix("got") }
            #expect(
                got
                    == #"got b'POST /a HTTP/1.1\r\nX-B: c\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n\xc3\xa9'"#)
        }
    }

    @Test func `interim, chunked and unframed responses are told apart`() throws {
        try serving(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nT: v\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.0 200 \r\n\r\nto the end"
        ) { client, _ in
            try client.send("GET / HTTP/1.1\r\n\r\n")
            #expect(try client.receive().status == 100)
            #expect(try client.receive().text == "abc0123456789")
            #expect(try client.receive().status == 204)
            #expect(try client.receive(toHead: true).body == [])
            let last = try client.receive()
            #expect(last.version == "HTTP/1.0")
            #expect(last.text == "to the end")
        }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "nonsense\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ])
    func `bad framing is an error`(answer: String) throws {
        try serving(answer) { client, _ in
            let error = #expect(throws: RawHTTPClient.Failure.self) { try client.get("/") }
            guard case .malformed = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test func `an answer cut short is told with what came of it`() throws {
        let cut = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi"
        try serving(cut) { client, _ in
            #expect(throws: RawHTTPClient.Failure.closed(received: Array(cut.utf8))) { try client.get("/") }
        }
    }

    @Test func `an answer that does not come is a timeout`() throws {
        let child = try ChildProcess("python3", ["-c", server, "unsent"])
        let line = try child.waitForLine(on: .standardOutput) { $0.hasPrefix("port ") }
        let client = try RawHTTPClient(port: #require(UInt16(line.dropFirst(5))), deadline: .milliseconds(20))
        #expect(throws: RawHTTPClient.Failure.timeout) { try client.receive() }
    }

    @Test func `free ports are free and never the same twice`() throws {
        let ports = try (0..<20).map { _ in try freePort() }
        #expect(Set(ports).count == ports.count)
        #expect(throws: SupportError.self) { try RawHTTPClient(port: ports[0]) }
    }
}
