import EventLoop
import SigningClient
import TestSupport
import Testing

@testable import SigningClient

/// How connections are made, kept and shared.
@Suite(.timeLimit(.minutes(10)))
struct ConnectionTests {
    @Test func `one connection serves calls that follow each other`() throws {
        let server = try StubServer { request in [.send(answerText(body: "\(request.number)"))] }
        let texts = try EventLoop.run { [url = server.url] loop in
            let client = try SigningClient.make(url, on: loop)
            var texts: [String?] = []
            for _ in 0..<50 { texts.append(await client.call().text) }
            return texts
        }
        #expect(texts == (1...50).map { "\($0)" })
        #expect(server.connectionsOpened == 1)
    }

    @Test func `calls beside each other have a connection each`() throws {
        let gate = Gate()
        let server = try StubServer { _ in
            gate.wait()
            return [.send(answerText())]
        }
        let statuses = try EventLoop.run { loop in
            let client = try SigningClient.make(server.url, on: loop)
            let crowd = Crowd<Int?>(on: loop)
            crowd.start(20) { _ in await client.call().status }
            try await blocking { try server.waitForRequests(20) }
            gate.open()
            return await crowd.values()
        }
        #expect(statuses == Array(repeating: 200, count: 20))
        #expect(server.connectionsOpened == 20)
    }

    @Test func `calls beyond the connections wait for one`() throws {
        let gate = Gate()
        let server = try StubServer { _ in
            gate.wait()
            return [.send(answerText())]
        }
        let statuses = try EventLoop.run { loop in
            let client = try SigningClient.make(server.url, connectionsMax: 3, on: loop)
            let crowd = Crowd<Int?>(on: loop)
            crowd.start(30) { _ in await client.call().status }
            try await blocking { try server.waitForRequests(3) }
            gate.open()
            return await crowd.values()
        }
        #expect(statuses == Array(repeating: 200, count: 30))
        #expect(server.connectionsOpened == 3)
    }

    @Test func `a call whose turn comes too late ends at its deadline`() throws {
        let gate = Gate()
        let server = try StubServer { _ in
            gate.wait()
            return [.send(answerText())]
        }
        let outcome = try EventLoop.run { loop in
            let client = try SigningClient.make(server.url, connectionsMax: 1, on: loop)
            let holder = Crowd<CallResult>(on: loop)
            holder.start(1) { _ in await client.call() }
            try await blocking { try server.waitForRequests(1) }
            let late = await client.call(within: .milliseconds(100))
            // The holder goes on undisturbed, and so do those after the late one.
            let after = Crowd<CallResult>(on: loop)
            after.start(2) { _ in await client.call() }
            gate.open()
            return (late: late, others: await holder.values() + after.values())
        }
        #expect(outcome.late == .failure(.timeout))
        #expect(outcome.others.map(\.status) == [200, 200, 200])
        #expect(server.connectionsOpened == 1)
        #expect(server.requests.count == 3)
    }

    @Test func `connections closed while idle are made anew`() throws {
        let server = try StubServer { _ in [.send(answerText()), .close] }
        let results = try EventLoop.run { [server] loop in
            let client = try SigningClient.make(server.url, on: loop)
            var results: [CallResult] = []
            for number in 0..<50 {
                // Each second call may come before the close or with it.
                if number % 2 == 0 { try await blocking { try server.waitUntilAllAreClosed() } }
                results.append(await client.call())
            }
            return results
        }
        #expect(results.filter { $0.status != 200 } == [])
        #expect(server.connectionsOpened == 50)
        #expect(server.requests.count == 50)
    }

    @Test(arguments: ["closes", "resets"])
    func `a request that an idle connection swallows is sent again, once`(ending: String) throws {
        let server = try StubServer { request in
            request.number == 1 ? [.send(answerText())] : [ending == "closes" ? .close : .reset]
        }
        let results = try EventLoop.run { [url = server.url] loop in
            let client = try SigningClient.make(url, on: loop)
            var results: [CallResult] = []
            for _ in 0..<20 { results.append(await client.call()) }
            return results
        }
        #expect(results.filter { $0.status != 200 } == [])
        #expect(server.requests.map(\.number) == [1] + Array(repeating: [2, 1], count: 19).flatMap(\.self))
        #expect(server.connectionsOpened == 20)
    }

    @Test func `transfers are used again, as many as there were at once`() throws {
        let server = try StubServer { _ in [.send(answerText())] }
        let counts = try EventLoop.run { [url = server.url] loop in
            let curl = CurlMulti(on: loop, connectionsMax: 4)
            let request = WireRequest(url: url + "/", headers: [(name: "Host", value: "a")], body: exampleBody)
            var answered = 0
            for _ in 0..<200 {
                let crowd = Crowd<CallResult>(on: loop)
                crowd.start(10) { _ in await curl.send(request, deadline: .now + .seconds(30)) }
                answered += await crowd.values().count { $0.status == 200 }
            }
            return (answered: answered, idle: curl.idleTransfers.count)
        }
        #expect(counts == (answered: 2000, idle: 10))
        #expect(server.connectionsOpened == 4)
    }

    @Test func `a client that goes closes its connections`() throws {
        let server = try StubServer { _ in [.send(answerText())] }
        let statuses = try EventLoop.run { [server] loop in
            var statuses: [Int?] = []
            for _ in 0..<100 {
                let crowd = Crowd<Int?>(on: loop)
                do {
                    let client = try SigningClient.make(server.url, on: loop)
                    crowd.start(3) { _ in await client.call().status }
                }
                statuses += await crowd.values()
            }
            try await blocking { try server.waitUntilAllAreClosed() }
            return statuses
        }
        #expect(statuses == Array(repeating: 200, count: 300))
    }
}
