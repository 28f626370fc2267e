import EventLoop
import TestSupport
import Testing

@testable import SigningClient

private struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let answer: String
    let isKept: Bool

    init(_ name: String, _ answer: String, isKept: Bool) {
        (self.name, self.answer, self.isKept) = (name, answer, isKept)
    }

    var testDescription: String { name }

    static let all = [
        Row("HTTP/1.1", answerText(), isKept: true),
        Row("chunks", answerText(headers: ["Transfer-Encoding: chunked"], body: "0\r\n\r\n"), isKept: true),
        Row("a fault", answerText(400), isKept: true),
        Row("HTTP/1.1 that closes", answerText(headers: ["Connection: close"]), isKept: false),
        Row("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", isKept: false),
        Row(
            "HTTP/1.0 that keeps", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
            isKept: true),
        Row("more than was asked for", answerText() + answerText(500), isKept: false),
    ]
}

/// Which connections are used again, and which are not.
@Suite(.timeLimit(.minutes(10)))
struct KeepingTests {
    @Test(arguments: Row.all)
    private func `a connection is kept if its answer lets it`(_ row: Row) throws {
        let server = try StubServer { _ in [.send(row.answer)] }
        let statuses = try EventLoop.run { [url = server.url] loop in
            let client = try SigningClient.make(url, on: loop)
            var statuses: [Int?] = []
            for _ in 0..<5 { statuses.append(await client.call().status) }
            return statuses
        }
        #expect(Set(statuses).count == 1 && statuses[0] != nil && statuses[0] != 500)
        #expect(server.connectionsOpened == (row.isKept ? 1 : 5))
    }

    @Test(arguments: [[.close], [.reset], [.send(answerText(500)), .waitForClose]] as [[StubServer.Step]])
    private func `an idle connection that ends, or says something, is closed at once`(_ steps: [StubServer.Step]) throws
    {
        let gate = Gate()
        let server = try StubServer { request in
            [.send(answerText())] + (request.connection == 1 ? [.wait(gate)] + steps : [])
        }
        let counts = try EventLoop.run { loop in
            let observer = Observer()
            let hooks = Hooks(connectionsChanged: { open, _ in observer.note(open) })
            let client = try SigningClient.make(server.url, hooks: hooks, on: loop)
            let first = await client.call().status
            let kept = observer.openCount
            gate.open()
            await observer.waitUntilNoneIsOpen()
            let second = await client.call().status
            return [first, kept, second]
        }
        #expect(counts == [200, 1, 200])
        #expect(server.connectionsOpened == 2)
    }

    @Test func `an answer before its request is all sent is taken, and the connection is not kept`() throws {
        let server = try StubServer(readsBodies: false) { _ in [.send(answerText(413)), .waitForClose] }
        let body = [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 20)
        let statuses = try EventLoop.run { [url = server.url] loop in
            let client = try SigningClient.make(url, on: loop)
            return [await client.call(body).status, await client.call(body).status]
        }
        #expect(statuses == [413, 413])
        #expect(server.connectionsOpened == 2)
    }

    @Test func `where there is one connection only, a swallowed request is sent again over the next`() throws {
        let server = try StubServer { $0.number == 1 ? [.send(answerText())] : [.close] }
        let statuses = try EventLoop.run { [url = server.url] loop in
            let client = try SigningClient.make(url, connectionsMax: 1, on: loop)
            let crowd = Crowd<Int?>(on: loop)
            crowd.start(20) { _ in await client.call().status }
            return await crowd.values()
        }
        #expect(statuses == Array(repeating: 200, count: 20))
        #expect(server.connectionsOpened == 20)
    }

    @Test func `a connection that is idle for too long is closed`() throws {
        let server = try StubServer { _ in [.send(answerText())] }
        let status = try EventLoop.run { [server] loop in
            let pool = ConnectionPool(
                server.url, connectionsMax: 1, idleTimeMax: .milliseconds(1), multi: CurlMulti(on: loop), on: loop)
            let request = Array("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n".utf8)
            let status = await pool.send(request, deadline: .now + .seconds(30)).status
            try await blocking { try server.waitUntilAllAreClosed() }
            withExtendedLifetime(pool) {}
            return status
        }
        #expect(status == 200)
    }

    @Test func `calls that wait have their turn in their order`() throws {
        let server = try StubServer { _ in [.send(answerText())] }
        let bodies = (0..<20).map { Array("\($0)".utf8) }
        _ = try EventLoop.run { [url = server.url] loop in
            let client = try SigningClient.make(url, connectionsMax: 1, on: loop)
            let crowd = Crowd<Int?>(on: loop)
            crowd.start(bodies.count) { await client.call(bodies[$0]).status }
            return await crowd.values()
        }
        #expect(server.requests.map(\.body) == bodies)
    }
}

/// Is told of connections, and can be waited for, on its loop.
private final class Observer {
    private(set) var openCount = 0
    private var waiter: Suspension<Void>?

    func note(_ open: Int) {
        openCount = open
        guard open == 0 else { return }
        waiter.take()?.resume(returning: ())
    }

    func waitUntilNoneIsOpen() async {
        await Suspension.wait { suspension in
            if openCount == 0 { suspension.resume(returning: ()) } else { waiter = suspension }
        }
    }
}
