import AWSConfiguration
import EventLoop
import Foundation
import Heartbeat
import SWF
import SigV4
import SigningClient
import TestSupport
import Testing

/// What a call was made with, and what came over the wire; `botocore_requests.py` reads it.
private struct CaughtCall: Encodable {
    var endpoint: String
    var isProxied: Bool
    var region: String
    var accessKeyID: String
    var secretAccessKey: String
    var sessionToken: String?
    var taskToken: String
    var details: String?
    var line: String
    var headers: [[String]]
    var body: String

    init(_ call: RandomCalls.Call, of client: RandomCalls.Client, isProxied: Bool, caught: StubServer.Request) {
        endpoint = client.endpoint
        self.isProxied = isProxied
        region = client.region
        accessKeyID = client.credentials.accessKeyID
        secretAccessKey = client.credentials.secretAccessKey
        sessionToken = client.credentials.sessionToken
        taskToken = call.taskToken
        details = call.details
        line = caught.line
        headers = caught.headers.map { [$0.name, $0.value] }
        body = hexadecimal(caught.body)
    }

    /// Each with what botocore is to find.
    func changed() -> [(CaughtCall, finding: String)] {
        func with(_ change: (inout CaughtCall) -> Void) -> CaughtCall {
            var copy = self
            change(&copy)
            return copy
        }
        func withHeader(_ name: String, _ change: (inout String) -> Void) -> CaughtCall {
            with { call in
                for index in call.headers.indices where call.headers[index][0] == name {
                    change(&call.headers[index][1])
                }
            }
        }
        return [
            (with { $0.region += "x" }, "Authorization"), (with { $0.secretAccessKey += "x" }, "Authorization"),
            (with { $0.accessKeyID += "X" }, "Authorization"), (with { $0.taskToken += "x" }, "the body"),
            (with { $0.body = "20" + $0.body }, "the body"), (with { $0.line += " " }, "the request line"),
            (withHeader("Authorization") { $0 += "0" }, "Authorization"),
            (withHeader("Host") { $0 = "x" }, "the host"), (withHeader("X-Amz-Target") { $0 += "x" }, "the operation"),
            (withHeader("X-Amz-Date") { $0 = "20120125T000000Z" }, "Authorization"),
            (with { $0.headers.append(["X-Amz-More", ""]) }, "the headers"),
            (with { $0.headers.append(["host", ""]) }, "a header twice"),
        ]
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

/// Requests as they go over the wire, which botocore has to sign alike, byte for byte.
@Suite(.timeLimit(.minutes(10)))
struct BotocoreRequestTests {
    private static let seed = differentialSeed(2012_01_25)

    /// Makes all the calls, one after the other, and asks botocore about each.
    private static func compare(
        clients count: Int, calls: Int, isProxied: Bool = false, with server: StubServer, endpoints: [String]
    ) throws {
        var random = RandomCalls(seed: seed)
        let clients = random.clients(count, calls: calls, endpoints: endpoints)
        try EventLoop.run { [clients] loop in
            for client in clients { try await make(client, on: loop) }
        }
        let calls = clients.flatMap { client in client.calls.map { (client, $0) } }
        let requests = server.requests
        try #require(requests.count == calls.count)
        let caught = zip(calls, requests).map { CaughtCall($0.1, of: $0.0, isProxied: isProxied, caught: $1) }
        let changed = try #require(caught.last).changed()
        let findings = try SecondOpinion("botocore_requests.py").ask(caught + changed.map(\.0))
        let different = zip(caught, findings).enumerated().filter { $1.1 != "same" }.map { number, pair in
            "call \(number) to \(pair.0.endpoint): \(pair.1)"
        }
        #expect(different.isEmpty, "seed \(seed), \(different.count) calls; \(different.first ?? "")")
        // A comparison that finds nothing in these would find nothing at all.
        for (finding, expected) in zip(findings.dropFirst(caught.count), changed.map(\.finding)) {
            #expect(finding.hasPrefix(expected))
        }
    }

    private static func make(_ client: RandomCalls.Client, on loop: EventLoop) async throws {
        guard let endpoint = Endpoint(url: client.endpoint) else { throw SupportError("no endpoint") }
        let signing = SigningClient(
            .init(endpoint: endpoint, region: client.region, signingName: "swf", userAgent: "test/1"),
            credentials: StaticCredentials(client.credentials), on: loop)
        let service = SWFService(client: signing)
        for call in client.calls {
            let relay = await service.recordHeartbeat(
                taskToken: TaskToken(secret: call.taskToken), details: call.details, deadline: .now + .seconds(30),
                admission: AllAdmitted())
            guard relay.outcome == .success(false) else { throw SupportError("\(client.endpoint): \(relay)") }
        }
    }

    @Sendable private static func answer(_: StubServer.Request) -> [StubServer.Step] {
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{\"cancelRequested\":false}")]
    }

    @Test func `botocore signs 4,000 random calls to endpoints with ports as they were sent`() throws {
        let server = try StubServer(Self.answer)
        let hosts = ["127.0.0.1", "localhost", "LocalHost", "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]"]
        let endpoints = hosts.flatMap { ["http://\($0):\(server.port)", "HTTP://\($0):\(server.port)/"] }
        try Self.compare(clients: 400, calls: 10, with: server, endpoints: endpoints)
    }

    /// Names and ports that nothing here listens at are called through a proxy, which takes any. libcurl reads the
    /// environment itself, so this has a process of its own.
    @Test func `botocore signs 1,000 random calls to hosts of all forms as they were sent`() async {
        await #expect(processExitsWith: .success) {
            let proxy = try StubServer(Self.answer)
            setenv("http_proxy", proxy.url, 1)
            for name in ["no_proxy", "NO_PROXY"] { unsetenv(name) }
            let hosts = [
                "swf.us-east-1.amazonaws.com", "swf-fips.us-gov-west-1.api.aws", "swf.cn-north-1.amazonaws.com.cn",
                "vpce-0a1b.swf.eu-west-1.vpce.amazonaws.com", "a_b-c.example", "xn--bcher-kva.example", "A.Example",
                "10.1.2.3", "[2001:db8::1]", "[2001:DB8::A]",
            ]
            let endpoints = hosts.flatMap { host in
                ["", "/", ":80", ":80/", ":443", ":8000", ":65535"].map { "http://\(host)\($0)" }
            }
            try Self.compare(clients: 100, calls: 10, isProxied: true, with: proxy, endpoints: endpoints)
        }
    }
}
