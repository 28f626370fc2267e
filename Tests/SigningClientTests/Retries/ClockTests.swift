import AWSConfiguration
import EventLoop
import SigningClient
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ClockTests {
    private static func answer(_ number: Int) -> String {
        switch number {
        case 1: answerText(headers: ["Date: Fri, 15 Jan 2027 08:00:00 GMT"])
        case 2:
            answerText(
                400, headers: ["Date: Fri, 15 Jan 2027 09:00:00 GMT", "X-Amzn-ErrorType: RequestTimeTooSkewed"])
        default: answerText()
        }
    }

    @Test func `a fault tells of the clock, though a good answer told otherwise in the same second`() throws {
        let server = try StubServer { [.send(Self.answer($0.number))] }
        let attempts = try EventLoop.run { [url = server.url] loop in
            guard let endpoint = Endpoint(url: url) else { throw SupportError("\(url) is no endpoint") }
            let configuration = SigningClient.Configuration(
                endpoint: endpoint, region: "eu-central-1", signingName: "swf", userAgent: "test/1")
            var surroundings = SigningClient.Surroundings(on: loop)
            surroundings.wallClock = { 1_800_000_000_000_000 }
            let client = SigningClient(
                configuration, credentials: StaticCredentials(exampleCredentials), shared: SigningClient.Shared(),
                on: loop, surroundings: surroundings)
            var attempts: [Int] = []
            for _ in 0..<2 { attempts.append(await client.callOnce(deadline: .now + .seconds(30)).attempts) }
            return attempts
        }
        #expect(attempts == [1, 2])
        let dates = ["20270115T080000Z", "20270115T080000Z", "20270115T090000Z"]
        #expect(server.requests.map { $0.values(of: "X-Amz-Date") } == dates.map { [$0] })
    }
}
