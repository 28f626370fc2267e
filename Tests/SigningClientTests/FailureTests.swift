import EventLoop
import SigV4
import SigningClient
import TestSupport
import Testing

/// Calls that nobody answers.
@Suite(.timeLimit(.minutes(10)))
struct FailureTests {
    @Test func `a refused connection`() throws {
        let port = try freePort()
        let (result, attempts) = try oneCall(to: "http://127.0.0.1:\(port)")
        let reason = try #require(result.unreachableReason)
        #expect(reason.contains("Failed to connect to 127.0.0.1 port \(port)"))
        #expect(attempts == 1)
    }

    @Test func `a name that does not exist`() throws {
        let result = try oneCall(to: "http://nowhere.invalid").result
        #expect(result == .failure(.unreachable("Could not resolve host: nowhere.invalid")))
    }

    @Test func `a server that never answers`() throws {
        let server = try StubServer { _ in [.waitForClose] }
        let (result, attempts) = try oneCall(to: server.url, within: .milliseconds(100))
        #expect(result == .failure(.timeout))
        #expect(attempts == 1)
        // What was given up leaves no connection behind.
        try server.waitUntilAllAreClosed()
    }

    @Test func `a server that does not end its answer`() throws {
        let server = try StubServer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), .waitForClose] }
        #expect(try oneCall(to: server.url, within: .milliseconds(100)).result == .failure(.timeout))
    }

    @Test(arguments: [Duration.zero, .seconds(-1)])
    func `a deadline that has passed`(left: Duration) throws {
        let server = try StubServer { _ in [.send(answerText())] }
        let (result, attempts) = try oneCall(to: server.url, within: left)
        #expect(result == .failure(.timeout))
        #expect(attempts == 0)
        #expect(server.connectionsOpened == 0)
    }

    @Test func `no credentials`() throws {
        let server = try StubServer { _ in [.send(answerText())] }
        let (result, attempts) = try oneCall(to: server.url, credentials: nil)
        #expect(result == .failure(.credentialsUnavailable("there are none")))
        #expect(attempts == 0)
        #expect(server.connectionsOpened == 0)
    }

    @Test func `a client goes on after failures of all kinds`() throws {
        let server = try StubServer { request in
            switch request.body {
            case Array("hang".utf8): [.waitForClose]
            case Array("reset".utf8): [.reset]
            case Array("large".utf8):
                [.send(answerText(headers: ["Content-Length: 1000000"], body: "")), .waitForClose]
            default: [.send(answerText())]
            }
        }
        let results = try EventLoop.run { [url = server.url] loop in
            let client = try SigningClient.make(url, on: loop)
            var results: [CallResult] = []
            for body in ["ok", "hang", "ok", "reset", "ok", "large", "ok"] {
                results.append(await client.call(Array(body.utf8), within: .milliseconds(body == "hang" ? 50 : 30_000)))
            }
            return results
        }
        #expect(results.map(\.status) == [200, nil, 200, nil, 200, nil, 200])
        #expect(results[1] == .failure(.timeout))
        #expect(results[3].unreachableReason != nil)
        #expect(results[5] == .failure(.answerTooLarge))
    }

    @Test func `no failure shows the credentials or the body`() throws {
        let credentials = Credentials(accessKeyID: "AKIDSHOWN", secretAccessKey: "hush-key", sessionToken: "hush-token")
        let server = try StubServer { _ in [.send("nonsense\r\n"), .close] }
        for url in [server.url, "http://nowhere.invalid", "http://127.0.0.1:\(try freePort())"] {
            let text = "\(try oneCall(to: url, credentials: credentials).result)"
            for secret in ["AKIDSHOWN", "hush", "AAAAKg", "Signature"] {
                #expect(!text.contains(secret))
            }
        }
    }
}
