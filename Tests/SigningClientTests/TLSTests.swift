import EventLoop
import SigningClient
import TestSupport
import Testing

/// Nothing is sent to a server that cannot prove who it is.
@Suite(.timeLimit(.minutes(10)))
struct TLSTests {
    /// A TLS server with a certificate that nobody vouches for.
    private struct UntrustedServer {
        let child: ChildProcess
        let port: UInt16
        let certificate: String
        private let directory: TemporaryDirectory

        init(name: String) throws {
            directory = try TemporaryDirectory()
            let key = directory.file("key.pem")
            certificate = directory.file("certificate.pem")
            let made = try ChildProcess.run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=\(name)",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", certificate,
                ])
            try #require(made.exit == .exited(0), "\(made.standardError)")
            child = try ChildProcess(
                "openssl", ["s_server", "-rev", "-accept", "127.0.0.1:0", "-key", key, "-cert", certificate])
            let line = try child.waitForLine(on: .standardOutput) { $0.hasPrefix("ACCEPT 127.0.0.1:") }
            port = try #require(UInt16(line.dropFirst("ACCEPT 127.0.0.1:".count)))
        }
    }

    @Test func `a certificate that nobody vouches for`() throws {
        let server = try UntrustedServer(name: "localhost")
        let (result, attempts) = try oneCall(to: "https://127.0.0.1:\(server.port)")
        #expect(result == .failure(.untrusted("SSL certificate problem: self-signed certificate")))
        #expect(attempts == 1)
        // What the server saw of it is the end of the handshake.
        try server.child.waitForLine(on: .standardError) { $0.contains("alert unknown ca") }
    }

    @Test func `the authorities of a bundle are trusted, and no others`() throws {
        let (server, other) = (try UntrustedServer(name: "localhost"), try UntrustedServer(name: "localhost"))
        let url = "https://127.0.0.1:\(server.port)"
        for trust in [Trust.bundle(path: server.certificate), .nothing] {
            // The server gives every line back, reversed: what comes after TLS is not HTTP.
            let reason = try oneCall(to: url, trust: trust).result.unreachableReason
            #expect(reason == "what the server says is not HTTP/1.1")
        }
        for path in [other.certificate, "/nowhere"] {
            let result = try oneCall(to: url, trust: .bundle(path: path)).result
            guard case .failure(.untrusted) = result else {
                Issue.record("\(path): \(result)")
                continue
            }
        }
    }

    @Test func `a server that speaks no TLS`() throws {
        let server = try StubServer { _ in [.send(answerText())] }
        let result = try oneCall(to: "https://127.0.0.1:\(server.port)", within: .milliseconds(500)).result
        #expect(result.unreachableReason != nil || result == .failure(.timeout))
        #expect(server.requests.isEmpty)
    }

    /// What the server says to each of these, over one client's connections.
    private func answers(_ bodies: [String]) throws -> [String?] {
        let server = try TLSServer()
        return try EventLoop.run { [url = server.url, trust = server.trust] loop in
            let client = try SigningClient.make(url, trust: trust, on: loop)
            var answers: [String?] = []
            for body in bodies { answers.append(await client.call(Array(body.utf8)).text) }
            return answers
        }
    }

    @Test func `one connection serves calls that follow each other`() throws {
        #expect(try answers(Array(repeating: "", count: 50)) == Array(repeating: "1 new", count: 50))
    }

    @Test func `a new connection resumes the session of one before it`() throws {
        #expect(try answers(["", "a goodbye", "", ""]) == ["1 new", "1 new", "2 resumed", "2 resumed"])
    }

    @Test func `answers come in records of any size`() throws {
        let large = String(repeating: "x", count: 65_536)
        let bodies = ["in pieces", "large", "in pieces", "large", ""]
        #expect(try answers(bodies) == ["1 new", large, "1 new", large, "1 new"])
    }

    @Test func `a request that an idle connection swallows is sent again over the next`() throws {
        let expected = ["1 new", "2 resumed", "3 resumed"]
        #expect(try answers(Array(repeating: "swallowed", count: 3)) == expected)
    }

    @Test func `what nobody asked for is not taken for an answer`() throws {
        let expected = ["1 new", "2 resumed", "3 resumed"]
        #expect(try answers(["more than asked for", "more than asked for", ""]) == expected)
    }

    @Test func `the end of a session ends an answer without a length, and no other`() throws {
        #expect(try answers(["up to the close", "", "cut off", ""]) == ["to the end", "2 resumed", nil, "3 resumed"])
    }
}
