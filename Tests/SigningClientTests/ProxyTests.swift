import EventLoop
import Glibc
import SigningClient
import TestSupport
import Testing

/// The environment's proxies. libcurl reads it itself, so each test has a process of its own.
@Suite(.timeLimit(.minutes(10)))
struct ProxyTests {
    private static func withProxy(
        _ variable: String, exceptions: String? = nil, to url: String,
        answers: @escaping @Sendable (StubServer.Request) -> [StubServer.Step]
    ) throws -> (result: CallResult, proxied: [StubServer.Request]) {
        for name in ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"] {
            unsetenv(name)
        }
        let proxy = try StubServer(answers)
        setenv(variable, proxy.url, 1)
        if let exceptions { setenv("NO_PROXY", exceptions, 1) } else { unsetenv("NO_PROXY") }
        return (try oneCall(to: url).result, proxy.requests)
    }

    @Test(arguments: ["HTTPS_PROXY", "https_proxy"])
    func `a call over TLS asks the proxy for a tunnel, and shows it nothing else`(variable: String) async {
        await #expect(processExitsWith: .success) { [variable] in
            let (result, proxied) = try Self.withProxy(variable, to: "https://swf.test") { _ in
                [.send(answerText(403)), .close]
            }
            #expect(result.unreachableReason != nil)
            #expect(proxied.map(\.line) == ["CONNECT swf.test:443 HTTP/1.1"])
            #expect(proxied.flatMap { $0.values(of: "Authorization") + $0.values(of: "X-Amz-Target") } == [])
        }
    }

    @Test func `a proxy's user and password go to the proxy`() async {
        await #expect(processExitsWith: .success) {
            let proxy = try StubServer { _ in [.send(answerText(403)), .close] }
            setenv("HTTPS_PROXY", "http://user:p%40ss@127.0.0.1:\(proxy.port)", 1)
            unsetenv("NO_PROXY")
            unsetenv("no_proxy")
            #expect(try oneCall(to: "https://swf.test").result.unreachableReason != nil)
            #expect(proxy.requests.map { $0.values(of: "Proxy-Authorization") } == [["Basic dXNlcjpwQHNz"]])
        }
    }

    @Test func `calls over TLS go through a tunnel, and keep it`() async {
        await #expect(processExitsWith: .success) {
            let server = try TLSServer()
            setenv("HTTPS_PROXY", "http://user:p%40ss@127.0.0.1:\(server.proxyPort)", 1)
            unsetenv("NO_PROXY")
            unsetenv("no_proxy")
            let answers = try EventLoop.run { [url = server.url, trust = server.trust] loop in
                let client = try SigningClient.make(url, trust: trust, on: loop)
                var answers: [String?] = []
                for body in ["", "", "a goodbye", ""] { answers.append(await client.call(Array(body.utf8)).text) }
                return answers
            }
            #expect(answers == ["1 new", "1 new", "1 new", "2 resumed"])
            try server.child.waitForLine(on: .standardOutput, count: 2) { $0 == "CONNECT 127.0.0.1 user:p@ss" }
        }
    }

    @Test func `a call in the clear goes through http_proxy`() async {
        await #expect(processExitsWith: .success) {
            let (result, proxied) = try Self.withProxy("http_proxy", to: "http://swf.test") { _ in [.send(answerText())]
            }
            #expect(result.status == 200)
            #expect(proxied.map(\.line) == ["POST http://swf.test/ HTTP/1.1"])
        }
    }

    @Test(arguments: ["swf.test", "other.test,.test", "*"])
    func `a host in NO_PROXY is called directly`(exceptions: String) async {
        await #expect(processExitsWith: .success) { [exceptions] in
            let server = try StubServer { _ in [.send(answerText(204))] }
            NameResolution.set(addresses: ["127.0.0.1"], of: "swf.test")
            let (result, proxied) = try Self.withProxy(
                "http_proxy", exceptions: exceptions, to: "http://swf.test:\(server.port)"
            ) { _ in [.send(answerText())] }
            #expect(result.status == 204)
            #expect(proxied.isEmpty)
        }
    }

    @Test func `HTTP_PROXY in capitals is not for the clear`() async {
        await #expect(processExitsWith: .success) {
            let server = try StubServer { _ in [.send(answerText(204))] }
            let (result, proxied) = try Self.withProxy("HTTP_PROXY", to: server.url) { _ in [.send(answerText())] }
            #expect(result.status == 204)
            #expect(proxied.isEmpty)
        }
    }
}
