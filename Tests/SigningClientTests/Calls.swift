import AWSConfiguration
import EventLoop
import SigV4
import SigningClient
import TestSupport

typealias CallResult = Result<Answer, CallFailure>

let exampleCredentials = Credentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "example+secret/key")
let exampleBody = Array(#"{"taskToken":"AAAAKg/+="}"#.utf8)

/// An answer's bytes, with its length where the headers do not say otherwise.
func answerText(_ status: Int = 200, headers: [String] = [], body: String = "{}") -> String {
    let isFramed = headers.contains { $0.hasPrefix("Transfer-Encoding") || $0.hasPrefix("Content-Length") }
    let lines = ["HTTP/1.1 \(status) Stub"] + headers + (isFramed ? [] : ["Content-Length: \(body.utf8.count)"])
    return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
}

/// Takes whatever comes with a 200.
struct AnyOperation: ServiceOperation {
    static let target = "Service.Operation"
    var body: [UInt8]

    static func output(of body: [UInt8]) -> Void? { () }
}

extension SigningClient {
    /// - Parameter connectTimeout: long enough for a machine that stands still for a while.
    static func make(
        _ url: String, credentials: Credentials? = exampleCredentials, connectionsMax: Int? = nil,
        connectTimeout: Duration = .seconds(20), attemptsMax: Int = 1, trust: Trust = .system, hooks: Hooks = Hooks(),
        on loop: EventLoop
    ) throws -> SigningClient {
        guard let endpoint = Endpoint(url: url) else { throw SupportError("\(url) is no endpoint") }
        var configuration = Configuration(
            endpoint: endpoint, region: "eu-central-1", signingName: "swf", userAgent: "test/1")
        if let connectionsMax { configuration.connectionsMax = connectionsMax }
        configuration.connectTimeout = connectTimeout
        configuration.trust = trust
        configuration.attemptsMax = attemptsMax
        return SigningClient(
            configuration, credentials: StaticCredentials(credentials), shared: Shared(), hooks: hooks, on: loop)
    }

    /// What came back as it is, whatever its status.
    func callOnce(
        _ body: [UInt8] = exampleBody, deadline: ContinuousClock.Instant
    ) async -> (result: CallResult, attempts: Int) {
        let call = await call(AnyOperation(body: body), deadline: deadline)
        switch (call.result, call.answer) {
        case (.success, let answer?), (.failure(.fault), let answer?): return (.success(answer), call.attempts)
        case (.failure(let failure), _): return (.failure(failure), call.attempts)
        case (.success, nil): preconditionFailure("a result without an answer")
        }
    }

    /// A call with room to spare, for tests of something else than deadlines.
    func call(_ body: [UInt8] = exampleBody, within: Duration = .seconds(30)) async -> CallResult {
        await callOnce(body, deadline: .now + within).result
    }
}

/// One call of a client of its own.
func oneCall(
    to url: String, credentials: Credentials? = exampleCredentials, connectTimeout: Duration = .seconds(20),
    trust: Trust = .system, within: Duration = .seconds(30)
) throws -> (result: CallResult, attempts: Int) {
    try EventLoop.run { loop in
        let client = try SigningClient.make(
            url, credentials: credentials, connectTimeout: connectTimeout, trust: trust, on: loop)
        return await client.callOnce(deadline: .now + within)
    }
}

extension Result where Success == Answer, Failure == CallFailure {
    var status: Int? { (try? get())?.status }

    var text: String? { (try? get()).map { String(decoding: $0.body, as: UTF8.self) } }

    var unreachableReason: String? {
        if case .failure(.unreachable(let reason)) = self { reason } else { nil }
    }
}
