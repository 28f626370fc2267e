import EventLoop
import Heartbeat
import SWF
import SigV4
import SigningClient
import TestSupport
import Testing

@testable import SWF

/// One heartbeat relayed, and what the operator is told of it.
private struct Outcome: Sendable, Equatable {
    var relay: Relay
    var noted: [CallFailure]
}

private func relay(
    to url: String, credentials: Credentials? = Credentials(accessKeyID: "AKID", secretAccessKey: "s"),
    within: Duration = .seconds(30)
) throws -> Outcome {
    try EventLoop.run { loop in
        guard let endpoint = Endpoint(url: url) else { throw SupportError("\(url) is no endpoint") }
        let client = SigningClient(
            .init(endpoint: endpoint, region: "us-east-1", signingName: "swf", userAgent: "test/1"),
            credentials: StaticCredentials(credentials), on: loop)
        var noted: [CallFailure] = []
        let service = SWFService(client: client) { noted.append($0) }
        let relay = await service.recordHeartbeat(
            taskToken: TaskToken(secret: "AAAAKg/+="), details: "50%", deadline: .now + within)
        return Outcome(relay: relay, noted: noted)
    }
}

@Suite(.timeLimit(.minutes(10)))
struct SWFServiceTests {
    @Test func `a heartbeat is sent as the operation, and its answer read`() throws {
        let server = try StubServer { _ in
            [
                .send("HTTP/1.1 200 OK\r\nx-amzn-RequestId: r-1\r\nContent-Length: 24\r\n\r\n"),
                .send(#"{"cancelRequested":true}"#),
            ]
        }
        let outcome = try relay(to: server.url)
        let expected = Relay(outcome: .success(true), upstreamRequestID: "r-1", attempts: 1)
        #expect(outcome == Outcome(relay: expected, noted: []))
        try #require(server.requests.count == 1)
        #expect(server.requests[0].values(of: "X-Amz-Target") == [RecordActivityTaskHeartbeat.target])
        #expect(
            server.requests[0].body
                == RecordActivityTaskHeartbeat.request(taskToken: TaskToken(secret: "AAAAKg/+="), details: "50%"))
    }

    @Test func `a fault comes with its request identifier and is not for the operator`() throws {
        let server = try StubServer { _ in
            [
                .send("HTTP/1.1 400 X\r\nx-amzn-RequestId: r-2\r\nx-amzn-ErrorType: UnknownResourceFault:\r\n"),
                .send("Content-Length: 0\r\n\r\n"),
            ]
        }
        let expected = Relay(
            outcome: .failure(.fault(type: "UnknownResourceFault", status: 400)), upstreamRequestID: "r-2", attempts: 1)
        #expect(try relay(to: server.url) == Outcome(relay: expected, noted: []))
    }

    @Test func `no connection is noted for the operator`() throws {
        let outcome = try relay(to: "http://127.0.0.1:\(try freePort())")
        #expect(outcome.relay == Relay(outcome: .failure(.unreachable), attempts: 1))
        #expect(outcome.noted.count == 1)
    }

    @Test func `no answer in time`() throws {
        let server = try StubServer { _ in [.waitForClose] }
        let outcome = try relay(to: server.url, within: .milliseconds(50))
        #expect(outcome == Outcome(relay: Relay(outcome: .failure(.timeout), attempts: 1), noted: [.timeout]))
    }

    @Test func `no credentials`() throws {
        let outcome = try relay(to: "http://127.0.0.1:\(try freePort())", credentials: nil)
        let expected = Relay(outcome: .failure(.credentialsUnavailable), attempts: 0)
        #expect(outcome == Outcome(relay: expected, noted: [.credentialsUnavailable("there are none")]))
    }

    @Test(arguments: [
        (CallFailure.timeout, UpstreamFailure.timeout), (.unreachable("why"), .unreachable),
        (.answerTooLarge, .malformed), (.credentialsUnavailable("a"), .credentialsUnavailable),
    ])
    func `a failed call in the domain's terms`(call: CallFailure, domain: UpstreamFailure) {
        #expect(UpstreamFailure(call) == domain)
    }
}
