internal import AWSConfiguration
public import EventLoop
internal import JSON
internal import LibCrypto
internal import SigV4
internal import Synchronization

/// Calls one AWS service in one region: signs, sends, waits, and tries again where that may help.
///
/// One a loop, for use on that loop only; connections are reused from call to call. Credentials and what is learnt of
/// the service are the process's: see `Shared`.
///
/// libcurl itself asks the environment for proxies: `HTTPS_PROXY` and `NO_PROXY` as the AWS SDKs do, in small letters
/// too, and `ALL_PROXY`; for an endpoint in the clear only `http_proxy` in small letters, since the other can come from
/// a request's `Proxy` header in a CGI program.
public final class SigningClient {
    /// What the clients of all loops have in common.
    public final class Shared: Sendable {
        package let budget = RetryBudget()
        package let clock = ServiceClock()
        private let rate: Mutex<AdaptiveRate?>

        /// - Parameter isAdaptive: as the configuration has it.
        public init(isAdaptive: Bool = false) {
            rate = Mutex(isAdaptive ? AdaptiveRate(now: ContinuousClock.now.seconds) : nil)
        }

        /// - Returns: how long a call must wait before it is sent; nil: longer than it can.
        func delay(at now: ContinuousClock.Instant, deadline: ContinuousClock.Instant) -> Duration? {
            rate.withLock { rate in
                guard rate != nil else { return .zero }
                let timeLeft = (deadline - now) / .seconds(1)
                return rate?.take(at: now.seconds, timeLeft: timeLeft).map { .seconds($0) }
            }
        }

        func attemptEnded(wasThrottled: Bool, at now: ContinuousClock.Instant) {
            rate.withLock { $0?.ended(wasThrottled: wasThrottled, at: now.seconds) }
        }
    }

    /// Time and chance, as parameters.
    package struct Surroundings {
        package var now: () -> ContinuousClock.Instant = { .now }
        /// Microseconds since 1970-01-01T00:00:00Z.
        package var wallClock: () -> Int64 = wallClockMicroseconds
        package var random: () -> UInt64 = { .random(in: .min ... .max) }
        package var pause: (Duration) async -> Void

        package init(on loop: EventLoop) {
            pause = { await loop.pause(for: $0) }
        }
    }

    private let configuration: Configuration
    private let provider: any CredentialsProvider
    private let shared: Shared
    private let surroundings: Surroundings
    private let hooks: Hooks
    private let sender: any RequestSender
    /// The next call's id. They count up from a random start: two calls of getrandom(2) cost as much as a signature.
    private var invocationID: (high: UInt64, low: UInt64)
    /// What `amz-sdk-request` says of first attempts, as most are.
    private let firstAttempt: String
    /// What the service's clock was last measured by.
    private var lastDate: (field: ArraySlice<UInt8>, second: Int64)?
    private var signer: Signer

    /// - Parameter shared: where there are clients on several loops; nil: this is the only one.
    public convenience init(
        _ configuration: Configuration, credentials: any CredentialsProvider, shared: Shared? = nil,
        hooks: Hooks = Hooks(), on loop: EventLoop
    ) {
        self.init(
            configuration, credentials: credentials, shared: shared ?? Shared(isAdaptive: configuration.isAdaptive),
            hooks: hooks, on: loop, surroundings: Surroundings(on: loop))
    }

    package init(
        _ configuration: Configuration, credentials: any CredentialsProvider, shared: Shared, hooks: Hooks = Hooks(),
        on loop: EventLoop, surroundings: Surroundings
    ) {
        self.configuration = configuration
        provider = credentials
        self.shared = shared
        self.hooks = hooks
        self.surroundings = surroundings
        sender = Self.sender(configuration, hooks, on: loop)
        invocationID = (surroundings.random(), surroundings.random())
        firstAttempt = Self.attempt(1, of: configuration)
        signer = Signer(
            region: configuration.region, service: configuration.signingName,
            hash: HashFunctions(
                sha256: { SHA256.hash($0) },
                hmacSHA256: { key in
                    let hmac = HMACSHA256(key: key)
                    return { hmac.authenticate($0) }
                }))
    }

    /// libcurl makes the connections. Where a request may have to go to a proxy in the clear it makes the whole
    /// transfer: to a tunnel nothing is different, but such a proxy has to be told where the request shall go, and who
    /// asks.
    private static func sender(
        _ configuration: Configuration, _ hooks: Hooks, on loop: EventLoop
    ) -> any RequestSender {
        let url = configuration.endpoint.url
        let isProxiedInTheClear = !url.hasPrefix("https:") && ClearProxies.areNamed
        let multi = CurlMulti(
            on: loop, connectionsMax: isProxiedInTheClear ? configuration.connectionsMax : nil,
            trust: configuration.trust, connectionsChanged: hooks.connectionsChanged)
        if isProxiedInTheClear { return multi }
        return ConnectionPool(url, connectionsMax: configuration.connectionsMax, multi: multi, on: loop)
    }

    /// Makes one call.
    /// - Parameter deadline: for all of it, retries included: nothing goes on after it, and no retry begins that would
    ///   have to wait for longer.
    public func call<O: ServiceOperation>(_ operation: O, deadline: ContinuousClock.Instant) async -> Call<O.Output> {
        await call(operation, deadline: deadline, gate: nil)
    }

    /// - Parameter gate: of this call's attempts alone.
    package func call<O: ServiceOperation>(
        _ operation: O, deadline: ContinuousClock.Instant, gate: AttemptGate?
    ) async -> Call<O.Output> {
        invocationID.low &+= 1
        var state = CallState<O>(
            body: operation.body, deadline: deadline, invocationID: uuid(invocationID.high, invocationID.low),
            attempts: Attempts(max: configuration.attemptsMax))
        do throws(CredentialsFault) {
            if configuration.signs { state.credentials = try await provider.credentials(deadline: deadline) }
        } catch {
            return state.ended(.failure(.credentialsUnavailable(error.description)))
        }
        guard deadline > surroundings.now() else { return state.ended(.failure(.timeout)) }
        while true {
            // At a rate that leaves no room for this call, what it has so far is all that it will have.
            guard let delay = shared.delay(at: surroundings.now(), deadline: deadline) else {
                return state.ended(.failure(state.lastFailure ?? .timeout))
            }
            if delay > .zero { await surroundings.pause(delay) }
            if let gate, state.attempts.count > 0, await !gate.admitRetry() {
                return state.ended(.failure(state.lastFailure ?? .timeout))
            }
            let result = await attempt(&state)
            gate?.ended(result.failure)
            guard case .failure(let failure) = result else {
                state.attempts.succeeded(shared.budget)
                return state.ended(result)
            }
            state.lastFailure = failure
            guard await prepareRetry(after: failure, &state) else { return state.ended(result) }
        }
    }

    private func attempt<O>(_ state: inout CallState<O>) async -> Result<O.Output, CallFailure> {
        let begin = surroundings.now()
        state.attempts.begin()
        let request = wireRequest(for: state)
        let attemptDeadline = configuration.attemptTimeout.map { min(begin + $0, state.deadline) } ?? state.deadline
        let sent = await sender.send(request, deadline: attemptDeadline)
        let end = surroundings.now()
        let result: Result<O.Output, CallFailure>
        switch sent {
        case .success(let answer):
            noteDate(of: answer)
            state.answer = answer
            result = O.result(of: answer)
        case .failure(let failure):
            result = .failure(failure)
        }
        let failure = result.failure
        shared.attemptEnded(wasThrottled: failure.flatMap(RetryCause.init) == .throttling, at: end)
        if let attemptEnded = hooks.attemptEnded {
            let answer = try? sent.get()
            attemptEnded(
                AttemptReport(number: state.attempts.count, duration: end - begin, answer: answer, failure: failure))
        }
        return result
    }

    /// Answers of one second say one thing.
    private func noteDate(of answer: Answer) {
        guard let field = answer.headers.bytes(of: "date") else { return }
        let now = surroundings.wallClock()
        let second = now / 1_000_000
        if let lastDate, lastDate.second == second, lastDate.field == field { return }
        lastDate = (field, second)
        shared.clock.note(answer, at: now)
    }

    /// Waits for the moment of the next attempt.
    /// - Returns: whether there is one.
    private func prepareRetry<O>(after failure: CallFailure, _ state: inout CallState<O>) async -> Bool {
        guard let cause = RetryCause(failure) else { return false }
        if cause == .clock, !shared.clock.correct() { return false }
        let next = state.attempts.failed(
            cause, retryAfter: state.answer?.retryAfter, timeLeft: state.deadline - surroundings.now(),
            random: Double(surroundings.random() >> 11) / Double(1 << 53), budget: shared.budget)
        guard case .after(let delay, let remedy) = next else { return false }
        state.needsNewConnection = remedy == .newConnection
        if remedy == .otherCredentials {
            guard let refused = state.credentials,
                let others = try? await provider.refreshed(after: refused, deadline: state.deadline), others != refused
            else { return false }
            state.credentials = others
        }
        if delay > .zero { await surroundings.pause(delay) }
        return surroundings.now() < state.deadline
    }

    private func wireRequest<O>(for state: CallState<O>) -> WireRequest {
        var outgoing = OutgoingRequest(
            headers: [
                (name: "Host", value: configuration.endpoint.host),
                (name: "X-Amz-Target", value: O.target),
                (name: "Content-Type", value: "application/x-amz-json-1.0"),
            ], body: state.body)
        hooks.willSign?(&outgoing)
        var headers = outgoing.headers
        if let credentials = state.credentials {
            let request = SignableRequest(method: "POST", path: "/", headers: headers, body: outgoing.body)
            let now = surroundings.wallClock() / 1_000_000 + shared.clock.correction
            headers += signer.sign(request, with: credentials, at: Timestamp(epochSeconds: now))
        }
        let count = state.attempts.count
        headers += [
            (name: "amz-sdk-invocation-id", value: state.invocationID),
            (name: "amz-sdk-request", value: count == 1 ? firstAttempt : Self.attempt(count, of: configuration)),
            (name: "User-Agent", value: configuration.userAgent),
        ]
        var request = WireRequest(url: configuration.endpoint.url, headers: headers, body: outgoing.body)
        request.connectTimeout = configuration.connectTimeout
        request.needsNewConnection = state.needsNewConnection
        return request
    }

    private static func attempt(_ number: Int, of configuration: Configuration) -> String {
        "attempt=\(number); max=\(configuration.attemptsMax)"
    }
}

/// One call on its way.
private struct CallState<O: ServiceOperation> {
    let body: [UInt8]
    let deadline: ContinuousClock.Instant
    /// Of all its attempts, so that the service can tell a retry from a second call.
    let invocationID: String
    var attempts: Attempts
    /// nil: it goes unsigned.
    var credentials: Credentials?
    var answer: Answer?
    var lastFailure: CallFailure?
    var needsNewConnection = false

    func ended(_ result: Result<O.Output, CallFailure>) -> Call<O.Output> {
        Call(result: result, answer: answer, attempts: attempts.count)
    }
}

/// A random UUID (RFC 9562 §5.4) of 122 of these bits.
private func uuid(_ high: UInt64, _ low: UInt64) -> String {
    let (high, low) = (high & ~0xF000 | 0x4000, low & ~(3 << 62) | 1 << 63)
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for index in 0..<16 {
        if index == 4 || index == 6 || index == 8 || index == 10 { text.append(UInt8(ascii: "-")) }
        let word = index < 8 ? high : low
        text.appendHexadecimal(UInt8(truncatingIfNeeded: word >> UInt64(56 - index % 8 * 8)))
    }
    return String(decoding: text, as: UTF8.self)
}

extension Answer {
    /// `x-amz-retry-after`, in milliseconds: how long the service asks to wait.
    package var retryAfter: Duration? {
        headers["x-amz-retry-after"].flatMap { UInt32($0) }.map { .milliseconds(Int64($0)) }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension ContinuousClock.Instant {
    private static let origin = ContinuousClock.now

    /// On a scale of its own, which goes on as the clock does.
    fileprivate var seconds: Double { (self - Self.origin) / .seconds(1) }
}
