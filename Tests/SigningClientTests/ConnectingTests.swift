import EventLoop
import SigningClient
import TestSupport
import Testing

/// Connections that do not come about, and what is done about them.
@Suite(.timeLimit(.minutes(10)))
struct ConnectingTests {
    @Test func `a connection that takes too long is unreachable`() throws {
        let listener = try FullListener()
        let (result, attempts) = try oneCall(to: "http://127.0.0.1:\(listener.port)", connectTimeout: .milliseconds(50))
        #expect(result.unreachableReason != nil)
        #expect(attempts == 1)
    }

    @Test func `a connection that takes longer than the deadline is a timeout`() throws {
        let listener = try FullListener()
        let result = try oneCall(to: "http://127.0.0.1:\(listener.port)", within: .milliseconds(100)).result
        #expect(result == .failure(.timeout))
    }

    @Test func `the next address serves where the first refuses`() throws {
        let server = try StubServer { _ in [.send(answerText())] }
        NameResolution.set(addresses: ["::1", "127.0.0.2", "127.0.0.3", "127.0.0.1"], of: "refusing-first.test")
        #expect(try oneCall(to: "http://refusing-first.test:\(server.port)").result.status == 200)
    }

    @Test func `a name whose look-up hangs holds up nobody else`() throws {
        let gate = Gate()
        NameResolution.set(gate: gate, of: "hanging.test")
        let server = try StubServer { _ in [.send(answerText())] }
        let results = try EventLoop.run { [url = server.url] loop in
            let hanging = try SigningClient.make("http://hanging.test", connectTimeout: .seconds(1), on: loop)
            let other = try SigningClient.make(url, on: loop)
            let results = [await hanging.call(within: .milliseconds(100)), await other.call(), await hanging.call()]
            gate.open()
            return results
        }
        #expect(results[0] == .failure(.timeout))
        #expect(results[1].status == 200)
        #expect(results[2].unreachableReason != nil)
    }
}
