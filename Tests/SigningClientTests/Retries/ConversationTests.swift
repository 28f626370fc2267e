import AWSConfiguration
import EventLoop
import Foundation
import SigV4
import SigningClient
import Synchronization
import TestSupport
import Testing

/// What the simulator answers to one call, and how the client gets along with it.
private struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String { answers.joined(separator: ", ") + (remark.map { ": \($0)" } ?? "") }
    var answers: [String]
    var remark: String?
    /// Milliseconds between the attempts, where chance picks the middle.
    var delays: [Int]
    var result: String
    /// What the client's clock is late by.
    var secondsLate: Int64 = 0
    var configure: @Sendable (inout SigningClient.Configuration) -> Void = { _ in }

    init(
        _ answers: [String], _ remark: String? = nil, delays: [Int], _ result: String, secondsLate: Int64 = 0,
        configure: @escaping @Sendable (inout SigningClient.Configuration) -> Void = { _ in }
    ) {
        self.answers = answers
        self.remark = remark
        self.delays = delays
        self.result = result
        self.secondsLate = secondsLate
        self.configure = configure
    }

    private static let throttles = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException",
        "ProvisionedThroughputExceededException", "TransactionInProgressException", "PriorRequestNotComplete",
        "EC2ThrottledException", "SlowDown",
    ]

    private static func fault(_ type: String, _ status: Int = 400, headers: [String: String] = [:]) -> String {
        let fields = headers.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        return #"{"status":\#(status),"headers":{\#(fields)},"body":"{\"__type\":\"a.b#\#(type)\"}"}"#
    }

    static let retried: [Row] =
        throttles.map { Row([fault($0), fault($0), "ok"], delays: [500, 1000], "ok") } + [
            Row(["ok"], delays: [], "ok"),
            Row(["cancel"], delays: [], "cancel"),
            Row(["429", "429", "429", "ok"], delays: [500, 1000], "429"),
            Row(["509", "ok"], delays: [500], "ok"),
            Row(["500", "502", "ok"], delays: [25, 50], "ok"),
            Row(["503", "504", "ok"], delays: [25, 50], "ok"),
            Row(["internal", "unavailable", "internal", "ok"], delays: [25, 50], "InternalFailure"),
            Row([fault("ServiceUnavailable", 400), "ok"], delays: [25], "ok"),
            Row(["throttle", "internal", "ok"], "each with its own base", delays: [500, 50], "ok"),
            Row(["reset", "reset", "ok"], delays: [25, 50], "ok"),
            Row(["reset", "reset", "reset", "ok"], delays: [25, 50], "unreachable"),
            Row(["hang", "ok"], "an attempt's time", delays: [25], "ok") { $0.attemptTimeout = .seconds(2) },
            Row(["no-flag", "ok"], delays: [25], "ok"),
            Row(["garbage", "no-flag", "ok"], delays: [25], "malformed"),
            Row(
                [fault("ThrottlingException", headers: ["x-amz-retry-after": "1500"]), "ok"], delays: [1500], "ok"),
            Row(
                [fault("InternalFailure", 500, headers: ["x-amz-retry-after": "7000"]), "ok"], delays: [5025], "ok"),
            Row(
                [fault("InternalFailure", 500, headers: ["x-amz-retry-after": "soon"]), "ok"], delays: [25], "ok"),
            Row(["internal", "internal", "internal", "ok"], delays: [25, 50, 100], "ok") { $0.attemptsMax = 4 },
            Row(["internal", "ok"], "no retries", delays: [], "InternalFailure") { $0.attemptsMax = 1 },
        ]

    static let final: [Row] =
        [
            "UnknownResourceFault", "OperationNotPermittedFault", "AccessDeniedException", "ValidationException",
            "SerializationException", "LimitExceededFault", "MissingAuthenticationToken", "IncompleteSignature",
            "OptInRequired", "UnknownOperationException", "SignatureDoesNotMatch", "InvalidSignatureException",
            "RequestExpired", "SomethingNew",
        ].map { Row([fault($0), "ok"], delays: [], $0) } + [
            Row(["redirect", "ok"], delays: [], "301"),
            Row(["teapot", "ok"], delays: [], "418"),
            Row(["large", "ok"], delays: [], "too large"),
        ]

    static let clocks: [Row] = [
        Row(["ok"], "10 minutes late", delays: [], "ok", secondsLate: 600),
        Row(["ok"], "10 minutes early", delays: [], "ok", secondsLate: -600),
        Row(["internal", "ok"], "an hour early", delays: [50], "ok", secondsLate: -3600) { $0.attemptsMax = 4 },
        Row(
            ["request-expired", "too-skewed", "ok"], "4 minutes late, which is no reason", delays: [],
            "RequestExpired", secondsLate: 239),
    ]
}

/// Gives one pair of credentials after the other, each when the one before is refused.
private final class Rotation: CredentialsProvider {
    private let rest: Mutex<[Credentials]>
    private let first: Credentials

    init(_ all: [Credentials]) {
        first = all[0]
        rest = Mutex(Array(all.dropFirst()))
    }

    func credentials(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> Credentials { first }

    func refreshed(
        after refused: Credentials, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        rest.withLock { $0.isEmpty ? refused : $0.removeFirst() }
    }
}

/// Each row of the table of retries, against the simulator, with pauses and chance in the test's hand.
@Suite(.timeLimit(.minutes(10)))
struct ConversationTests {
    private struct Outcome: Sendable, Equatable {
        var result: String
        var attempts: Int
        var delays: [Duration]
    }

    private static let credentials = Credentials(
        accessKeyID: SimulatorProcess.accessKeyID, secretAccessKey: SimulatorProcess.secretAccessKey)

    private struct Heartbeat: ServiceOperation {
        static let target = "SimpleWorkflowService.RecordActivityTaskHeartbeat"
        let body = Array(#"{"taskToken":"AAAAKg"}"#.utf8)

        static func output(of body: [UInt8]) -> String? {
            switch String(decoding: body, as: UTF8.self) {
            case #"{"cancelRequested":false}"#: "ok"
            case #"{"cancelRequested":true}"#: "cancel"
            default: nil
            }
        }
    }

    private func converse(
        _ row: Row, provider: any CredentialsProvider = StaticCredentials(credentials), calls: Int = 1,
        hooks: @escaping @Sendable () -> Hooks = { Hooks() }
    ) throws -> [Outcome] {
        let answers = row.answers.map { $0.hasPrefix("{") ? $0 : "{\"kind\":\"\($0)\"}" }.joined(separator: ",")
        let directory = try TemporaryDirectory()
        let script = "\(directory.path)/script.json"
        try Data("[{\"token\":\"*\",\"answers\":[\(answers)]}]".utf8).write(to: URL(fileURLWithPath: script))
        let simulator = try SimulatorProcess(["--script", script])
        return try EventLoop.run { [url = simulator.url] loop in
            guard let endpoint = Endpoint(url: url) else { throw SupportError("\(url) is no endpoint") }
            var configuration = SigningClient.Configuration(
                endpoint: endpoint, region: SimulatorProcess.region, signingName: "swf", userAgent: "test/1")
            configuration.connectTimeout = .seconds(20)
            row.configure(&configuration)
            var surroundings = SigningClient.Surroundings(on: loop)
            // What sends an attempt goes by the real clock: a time that stood still would leave the second attempt no
            // more than the delay before it.
            var paused = Duration.zero
            var delays: [Duration] = []
            surroundings.now = { .now + paused }
            surroundings.wallClock = { wallClockMicroseconds() - row.secondsLate * 1_000_000 }
            surroundings.random = { 1 << 63 }
            surroundings.pause = { delay in
                delays.append(delay)
                paused += delay
            }
            let client = SigningClient(
                configuration, credentials: provider, shared: SigningClient.Shared(), hooks: hooks(), on: loop,
                surroundings: surroundings)
            var outcomes: [Outcome] = []
            for _ in 0..<calls {
                delays = []
                let call = await client.call(Heartbeat(), deadline: .now + paused + .seconds(60))
                outcomes.append(Outcome(result: call.result.text, attempts: call.attempts, delays: delays))
            }
            return outcomes
        }
    }

    @Test(arguments: Row.retried) private func `what may be better the next time`(_ row: Row) throws {
        let expected = Outcome(
            result: row.result, attempts: row.delays.count + 1, delays: row.delays.map { .milliseconds($0) })
        #expect(try converse(row) == [expected])
    }

    @Test(arguments: Row.final) private func `what will not be better`(_ row: Row) throws {
        #expect(try converse(row) == [Outcome(result: row.result, attempts: 1, delays: [])])
    }

    @Test(arguments: Row.clocks) private func `a clock that is off`(_ row: Row) throws {
        let corrects = abs(row.secondsLate) > 240
        let outcomes = try converse(row, calls: 2)
        let delays = row.delays.map { Duration.milliseconds($0) }
        let first = Outcome(result: row.result, attempts: row.delays.count + (corrects ? 2 : 1), delays: delays)
        #expect(outcomes.first == first)
        // The correction is kept.
        if corrects { #expect(outcomes.last == Outcome(result: "ok", attempts: 1, delays: [])) }
    }

    @Test func `refused credentials are replaced, once a call`() throws {
        let bad = Credentials(accessKeyID: "AKIDOLD", secretAccessKey: "old")
        let other = Credentials(accessKeyID: "AKIDOLDER", secretAccessKey: "older")
        let row = Row(["ok"], delays: [], "ok")
        #expect(
            try converse(row, provider: Rotation([bad, Self.credentials]))
                == [Outcome(result: "ok", attempts: 2, delays: [])])
        #expect(
            try converse(row, provider: Rotation([bad, other, Self.credentials]))
                == [Outcome(result: "UnrecognizedClientException", attempts: 2, delays: [])])
        // There are no others.
        #expect(
            try converse(row, provider: Rotation([bad]))
                == [Outcome(result: "UnrecognizedClientException", attempts: 1, delays: [])])
    }

    @Test func `hooks change what is signed, and see each attempt`() throws {
        let seen = Mutex<[String]>([])
        let hooks: @Sendable () -> Hooks = {
            Hooks(
                willSign: { request in
                    request.headers.append((name: "X-Trace", value: "t-1"))
                    request.body = Array(#"{"taskToken":"AAAAKg","details":"hooked"}"#.utf8)
                },
                attemptEnded: { report in
                    let failure = report.failure.map { "\($0)" } ?? "ok"
                    seen.withLock { $0.append("\(report.number) \(report.answer?.status ?? 0) \(failure)") }
                })
        }
        let outcomes = try converse(Row(["throttle", "ok"], delays: [], "ok"), hooks: hooks)
        #expect(outcomes == [Outcome(result: "ok", attempts: 2, delays: [.milliseconds(500)])])
        #expect(seen.withLock(\.self) == ["1 400 fault(ThrottlingException (400))", "2 200 ok"])
    }
}

extension Result<String, CallFailure> {
    fileprivate var text: String {
        switch self {
        case .success(let text): text
        case .failure(.fault(let fault)): fault.type ?? "\(fault.status)"
        case .failure(.malformed): "malformed"
        case .failure(.timeout): "timeout"
        case .failure(.unreachable): "unreachable"
        case .failure(.untrusted): "untrusted"
        case .failure(.answerTooLarge): "too large"
        case .failure(.credentialsUnavailable): "no credentials"
        }
    }
}
