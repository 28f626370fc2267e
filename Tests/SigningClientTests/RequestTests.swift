import EventLoop
import LibCrypto
import SigV4
import SigningClient
import TestSupport
import Testing

private struct Sample: Sendable, CustomTestStringConvertible {
    var name: String
    var sessionToken: String?
    var body = exampleBody

    var credentials: Credentials {
        Credentials(
            accessKeyID: exampleCredentials.accessKeyID, secretAccessKey: exampleCredentials.secretAccessKey,
            sessionToken: sessionToken)
    }

    var testDescription: String { name }

    static let all = [
        Sample(name: "long-lived credentials"),
        Sample(name: "temporary credentials", sessionToken: "IQoJb3JpZ2luX2VjEJ3/+="),
        Sample(
            name: "a body beyond libcurl's threshold for Expect",
            body: Array(repeating: UInt8(ascii: "x"), count: 1 << 20)),
        Sample(name: "an empty body", body: []),
        Sample(name: "a body with every byte", body: Array(0...255)),
    ]
}

/// The request as it is on the wire.
@Suite(.timeLimit(.minutes(10)))
struct RequestTests {
    private func request(for sample: Sample) throws -> (StubServer.Request, url: String) {
        let server = try StubServer { _ in [.send(answerText())] }
        let status = try EventLoop.run { [url = server.url] loop in
            try await SigningClient.make(url, credentials: sample.credentials, on: loop).call(sample.body).status
        }
        #expect(status == 200)
        try #require(server.requests.count == 1)
        return (server.requests[0], server.url)
    }

    @Test(arguments: Sample.all)
    private func `has the protocol's headers once each, and nothing that nobody signed`(_ sample: Sample) throws {
        let (request, url) = try request(for: sample)
        #expect(request.line == "POST / HTTP/1.1")
        #expect(request.body == sample.body)
        let token = sample.sessionToken == nil ? [] : ["X-Amz-Security-Token"]
        #expect(
            request.headers.map(\.name) == ["Host", "X-Amz-Target", "Content-Type", "X-Amz-Date"] + token + [
                "Authorization", "amz-sdk-invocation-id", "amz-sdk-request", "User-Agent", "Content-Length",
            ])
        #expect(request.values(of: "Host") == [String(url.dropFirst("http://".count))])
        #expect(request.values(of: "X-Amz-Target") == ["Service.Operation"])
        #expect(request.values(of: "Content-Type") == ["application/x-amz-json-1.0"])
        #expect(request.values(of: "User-Agent") == ["test/1"])
        #expect(request.values(of: "Content-Length") == [String(sample.body.count)])
        #expect(request.values(of: "X-Amz-Security-Token") == [sample.sessionToken].compactMap(\.self))
    }

    @Test(arguments: Sample.all)
    private func `has a signature that a verifier takes`(_ sample: Sample) throws {
        let (request, _) = try request(for: sample)
        var verifier = Verifier(
            region: "eu-central-1", service: "swf", credentials: [sample.credentials],
            hash: HashFunctions(sha256: SHA256Hasher().digest, hmacSHA256: { HMACSHA256(key: $0).code }))
        let received = SignableRequest(method: "POST", path: "/", headers: request.headers, body: request.body)
        let now = Timestamp(epochSeconds: wallClockMicroseconds() / 1_000_000)
        #expect(throws: Never.self) { try verifier.verify(received, at: now) }
    }

    @Test(arguments: [
        ("X-Trace", "t-1"), ("X-Trace", ""), ("X-Trace", "a\tb"), ("X-Trace", "é"), ("X-Trace;", "t"), ("X:Y", "t"),
        ("", "t"), ("X Y", "t"), ("X-Trace", "t\r\nX-Other: u"), ("X-Trace", "t\n"), ("X-Trace", "\0"),
    ])
    func `a header that a hook adds is sent as it is, or nothing is`(name: String, value: String) throws {
        let server = try StubServer { _ in [.send(answerText())] }
        let result = try EventLoop.run { [url = server.url] loop in
            let hooks = Hooks(willSign: { $0.headers.append((name: name, value: value)) })
            return try await SigningClient.make(url, hooks: hooks, on: loop).call()
        }
        if ["t-1", "", "a\tb", "é"].contains(value), name == "X-Trace" {
            #expect(result.status == 200)
            #expect(server.requests.map { $0.values(of: "X-Trace") } == [[value]])
        } else {
            #expect(result.unreachableReason == "a header of the request is none")
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `is signed as botocore signs it`() throws {
        let (request, url) = try request(for: Sample.all[1])
        let program = """
            import sys, datetime, botocore.auth
            from botocore.awsrequest import AWSRequest
            from botocore.credentials import Credentials
            key_id, key, url, date, target, content_type, token, body = sys.argv[1:]
            moment = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ")
            botocore.auth.get_current_datetime = lambda *_, **__: moment
            headers = {"X-Amz-Target": target, "Content-Type": content_type}
            request = AWSRequest("POST", url, headers, body.encode())
            credentials = Credentials(key_id, key, token)
            botocore.auth.SigV4Auth(credentials, "swf", "eu-central-1").add_auth(request)
            print(request.headers["Authorization"])
            """
        let headers = ["X-Amz-Date", "X-Amz-Target", "Content-Type", "X-Amz-Security-Token"]
        let keys = [exampleCredentials.accessKeyID, exampleCredentials.secretAccessKey]
        let body = String(decoding: request.body, as: UTF8.self)
        let output = try Python.run(
            program, keys + ["\(url)/"] + headers.map { request.values(of: $0).joined() } + [body])
        #expect(request.values(of: "Authorization") == [String(output.dropLast())])
    }
}
