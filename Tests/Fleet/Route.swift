import AWSConfiguration
import EventLoop
import SWF
import SigV4
import SigningClient
import TestSupport

/// What a worker hears of a beat.
enum Outcome: Equatable {
    case recorded(cancelRequested: Bool)
    /// The task is over.
    case gone
    /// By the fault's name, or the problem's code.
    case refused(String)
}

/// The way that beats take to SWF. For use on its loop only.
protocol Route: AnyObject {
    func beat(_ token: String, details: String) async -> Outcome
}

/// Straight to SWF, as boto3 does it.
final class StraightRoute: Route {
    private static let connectionsMax = 1024
    /// botocore's own.
    private static let attemptTimeout = Duration.seconds(60)

    private let client: SigningClient
    private let loop: EventLoop
    private(set) var attempts = 0

    init(to simulator: SimulatorProcess, on loop: EventLoop) throws {
        guard let endpoint = Endpoint(url: simulator.url) else { throw SupportError("\(simulator.url) is no endpoint") }
        var configuration = SigningClient.Configuration(
            endpoint: endpoint, region: SimulatorProcess.region, signingName: "swf", userAgent: "fleet")
        configuration.connectionsMax = Self.connectionsMax
        configuration.connectTimeout = Self.attemptTimeout
        configuration.attemptsMax = 1
        let credentials = Credentials(
            accessKeyID: SimulatorProcess.accessKeyID, secretAccessKey: SimulatorProcess.secretAccessKey)
        client = SigningClient(configuration, credentials: StaticCredentials(credentials), on: loop)
        self.loop = loop
    }

    func beat(_ token: String, details: String) async -> Outcome {
        let operation = RecordActivityTaskHeartbeat(taskToken: token, details: details)
        var made = 0
        while true {
            made += 1
            attempts += 1
            switch await client.call(operation, deadline: .now + Self.attemptTimeout).result {
            case .success(let output): return .recorded(cancelRequested: output.cancelRequested)
            case .failure(let failure):
                let random = Double.random(in: 0..<1)
                if let pause = LegacyRetries.pause(after: failure, attempts: made, random: random) {
                    await loop.pause(for: pause)
                    continue
                }
                guard case .fault(let fault) = failure else { return .refused("\(failure)") }
                return fault.type == "UnknownResourceFault" ? .gone : .refused(fault.type ?? "\(fault.status)")
            }
        }
    }
}

/// Through the service, as a plain HTTP client does it: once.
final class FacadeRoute: Route {
    static let key = TestKey.text
    static let keyLine = TestKey.line(of: "fleet")
    /// Longer than the service ever takes.
    private static let answerTimeout = Duration.seconds(30)

    private let url: String
    private let headers: [(name: String, value: String)]
    private let loop: EventLoop
    /// Each has one connection.
    private var idle: [PlainClient] = []

    init(to service: ServiceProcess, timeout: Int, on loop: EventLoop) {
        url = "http://127.0.0.1:\(service.port)/tasks/heartbeat"
        headers = [
            ("Authorization", "Bearer \(Self.key)"), ("Content-Type", "application/json"),
            ("Heartbeat-Timeout", "\(timeout)"),
        ]
        self.loop = loop
    }

    func beat(_ token: String, details: String) async -> Outcome {
        let client = idle.popLast() ?? PlainClient(on: loop)
        let answer = await client.post(
            url, headers: headers, body: Array(#"{"taskToken":"\#(token)","details":"\#(details)"}"#.utf8),
            connectTimeout: Self.answerTimeout, deadline: .now + Self.answerTimeout)
        idle.append(client)
        switch answer {
        case .success(let answer) where answer.status == 200:
            return .recorded(cancelRequested: answer.body == Array(#"{"cancelRequested":true}"#.utf8))
        case .success(let answer):
            let code = String(decoding: answer.body, as: UTF8.self).firstMatch(of: /"code":"([a-z_]+)"/)?.1
            return code == "unknown_task" ? .gone : .refused(code.map(String.init) ?? "\(answer.status)")
        case .failure(let failure): return .refused("\(failure)")
        }
    }
}
