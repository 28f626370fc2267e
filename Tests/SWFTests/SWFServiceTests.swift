import AWSConfiguration
import EventLoop
import Heartbeat
import SWF
import SigV4
import SigningClient
import TestSupport
import Testing

@testable import SWF

private func relay(
    to url: String, credentials: Credentials? = Credentials(accessKeyID: "AKID", secretAccessKey: "s"),
    within: Duration = .seconds(30)
) throws -> Relay {
    try EventLoop.run { loop in
        guard let endpoint = Endpoint(url: url) else { throw SupportError("\(url) is no endpoint") }
        var configuration = SigningClient.Configuration(
            endpoint: endpoint, region: "us-east-1", signingName: "swf", userAgent: "test/1")
        configuration.attemptsMax = 1
        let client = SigningClient(
            configuration, credentials: StaticCredentials(credentials), shared: SigningClient.Shared(), on: loop)
        return await SWFService(client: client).recordHeartbeat(
            taskToken: TaskToken(secret: "AAAAKg/+="), details: "50%", deadline: .now + within, admission: AllAdmitted()
        )
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
        #expect(outcome == expected)
        try #require(server.requests.count == 1)
        #expect(server.requests[0].values(of: "X-Amz-Target") == [RecordActivityTaskHeartbeat.target])
        #expect(
            server.requests[0].body
                == RecordActivityTaskHeartbeat(taskToken: "AAAAKg/+=", details: "50%").body)
    }

    @Test func `a fault comes with its request identifier`() throws {
        let server = try StubServer { _ in
            [
                .send("HTTP/1.1 400 X\r\nx-amzn-RequestId: r-2\r\nx-amzn-ErrorType: UnknownResourceFault:\r\n"),
                .send("Content-Length: 0\r\n\r\n"),
            ]
        }
        let expected = Relay(
            outcome: .failure(.fault(type: "UnknownResourceFault", status: 400)), upstreamRequestID: "r-2", attempts: 1)
        #expect(try relay(to: server.url) == expected)
    }

    @Test func `no connection`() throws {
        let outcome = try relay(to: "http://127.0.0.1:\(try freePort())")
        #expect(outcome == Relay(outcome: .failure(.unreachable), attempts: 1))
    }

    @Test func `no answer in time`() throws {
        let server = try StubServer { _ in [.waitForClose] }
        let outcome = try relay(to: server.url, within: .milliseconds(50))
        #expect(outcome == Relay(outcome: .failure(.timeout), attempts: 1))
    }

    @Test func `no credentials`() throws {
        let outcome = try relay(to: "http://127.0.0.1:\(try freePort())", credentials: nil)
        let expected = Relay(outcome: .failure(.credentialsUnavailable), attempts: 0)
        #expect(outcome == expected)
    }

    @Test(arguments: [
        (CallFailure.timeout, UpstreamFailure.timeout), (.unreachable("why"), .unreachable),
        (.answerTooLarge, .malformed), (.credentialsUnavailable("a"), .credentialsUnavailable),
    ])
    func `a failed call in the domain's terms`(call: CallFailure, domain: UpstreamFailure) {
        #expect(UpstreamFailure(call) == domain)
    }
}
