internal import AWSConfiguration
public import EventLoop
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
        let isAdaptive: Bool
        private let rate: Mutex<AdaptiveRate>

        /// - Parameter isAdaptive: as the configuration has it.
        public init(isAdaptive: Bool = false) {
            self.isAdaptive = isAdaptive
            rate = Mutex(AdaptiveRate(now: ContinuousClock.now.seconds))
        }

        /// Where it is adaptive.
        /// - Returns: how long a call must wait before it is sent; nil: longer than it can.
        func delay(at now: ContinuousClock.Instant, deadline: ContinuousClock.Instant) -> Duration? {
            let timeLeft = (deadline - now) / .seconds(1)
            return rate.withLock { $0.take(at: now.seconds, timeLeft: timeLeft) }.map { .seconds($0) }
        }

        /// Where it is adaptive.
        func attemptEnded(wasThrottled: Bool, at now: ContinuousClock.Instant) {
            rate.withLock { $0.ended(wasThrottled: wasThrottled, at: now.seconds) }
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

    /// libcurl makes the connections. Where a request may have to go to a proxy in the clear it makes the whole
    /// transfer: to a tunnel nothing is different, but such a proxy has to be told where the request shall go, and who
    /// asks.
    private enum Sender {
        case connections(ConnectionPool)
        case transfers(CurlMulti)
    }

    private let configuration: Configuration
    private let provider: any CredentialsProvider
    private let readyProvider: (any ReadyCredentials)?
    private let shared: Shared
    private let surroundings: Surroundings
    private let hooks: Hooks
    private let sender: Sender
    /// The next call's id. They count up from a random start: two calls of getrandom(2) cost as much as a signature.
    private var invocationID: (high: UInt64, low: UInt64)
    /// When the service's clock was last measured, in seconds since 1970.
    private var lastDateSecond: Int64?
    private var signer: Signer
    /// Of the last request: most have the same as long as the second is the same.
    private var lastHead: HeadTemplate?

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
        readyProvider = credentials as? any ReadyCredentials
        self.shared = shared
        self.hooks = hooks
        self.surroundings = surroundings
        sender = Self.sender(configuration, hooks, on: loop)
        invocationID = (surroundings.random(), surroundings.random())
        signer = Signer(region: configuration.region, service: configuration.signingName, hash: .libcrypto)
    }

    private static func sender(_ configuration: Configuration, _ hooks: Hooks, on loop: EventLoop) -> Sender {
        let url = configuration.endpoint.url
        let isProxiedInTheClear = !url.hasPrefix("https:") && ClearProxies.areNamed
        let multi = CurlMulti(
            on: loop, connectionsMax: isProxiedInTheClear ? configuration.connectionsMax : nil,
            trust: configuration.trust, connectionsChanged: hooks.connectionsChanged)
        if isProxiedInTheClear { return .transfers(multi) }
        return .connections(
            ConnectionPool(
                url, connectionsMax: configuration.connectionsMax, connectTimeout: configuration.connectTimeout,
                multi: multi, on: loop))
    }

    /// Makes one call.
    /// - Parameter deadline: for all of it, retries included: nothing goes on after it, and no retry begins that would
    ///   have to wait for longer.
    public func call<O: ServiceOperation>(_ operation: O, deadline: ContinuousClock.Instant) async -> Call<O.Output> {
        await call(operation, deadline: deadline, admitRetry: { true }, attemptEnded: { _ in })
    }

    /// - Parameters:
    ///   - admitRetry: waits until another attempt may be sent; false: it is not to be.
    ///   - attemptEnded: told of each attempt; nil: the operation has its result.
    @inlinable
    package func call<O: ServiceOperation>(
        _ operation: O, deadline: ContinuousClock.Instant, admitRetry: () async -> Bool,
        attemptEnded: (CallFailure?) -> Void
    ) async -> Call<O.Output> {
        var output: O.Output?
        let ended = await call(
            O.target, operation.body, deadline: deadline, admitRetry: admitRetry, attemptEnded: attemptEnded
        ) { answer in
            switch O.result(of: answer) {
            case .success(let value):
                output = value
                return nil
            case .failure(let failure): return failure
            }
        }
        let result = output.map { .success($0) } ?? Result<O.Output, CallFailure>.failure(ended.failure ?? .malformed)
        return Call(result: result, answer: ended.answer, attempts: ended.attempts)
    }

    /// The same for all operations.
    /// - Parameter failure: what is wrong with an answer; nil: it is the operation's result.
    @usableFromInline
    package func call(
        _ target: String, _ body: [UInt8], deadline: ContinuousClock.Instant, admitRetry: () async -> Bool,
        attemptEnded: (CallFailure?) -> Void, failure: (Answer) -> CallFailure?
    ) async -> (answer: Answer?, failure: CallFailure?, attempts: Int) {
        invocationID.low &+= 1
        var state = CallState(
            target: target, body: body, invocationID: InvocationID(invocationID.high, invocationID.low),
            attempts: Attempts(max: configuration.attemptsMax))
        do throws(CredentialsFault) {
            if configuration.signs {
                if let credentials = readyProvider?.atHand {
                    state.credentials = credentials
                } else {
                    state.credentials = try await provider.credentials(deadline: deadline)
                }
            }
        } catch {
            return state.ended(.credentialsUnavailable(error.description))
        }
        var begin = surroundings.now()
        guard deadline > begin else { return state.ended(.timeout) }
        while true {
            if shared.isAdaptive {
                // At a rate that leaves no room for this call, what it has so far is all that it will have.
                guard let delay = shared.delay(at: begin, deadline: deadline) else {
                    return state.ended(state.lastFailure ?? .timeout)
                }
                if delay > .zero { await surroundings.pause(delay) }
                begin = surroundings.now()
            }
            if state.attempts.count > 0 {
                guard await admitRetry() else { return state.ended(state.lastFailure ?? .timeout) }
                begin = surroundings.now()
            }
            state.attempts.begin()
            let attemptDeadline = attemptDeadline(from: begin, until: deadline)
            let request = request(of: state)
            let sent: Result<Answer, CallFailure>
            switch sender {
            case .connections(let pool) where request.head.isValid:
                sent = await pool.send(
                    request.bytes, onNewConnection: state.needsNewConnection, deadline: attemptDeadline)
            case .connections: sent = .failure(.unreachable(WireRequest.invalidHeader))
            case .transfers(let multi):
                sent = await multi.send(
                    transfer(of: request, onNewConnection: state.needsNewConnection), deadline: attemptDeadline)
            }
            let failure = outcome(of: sent, since: begin, &state, failure)
            attemptEnded(failure)
            guard let failure else {
                state.attempts.succeeded(shared.budget)
                return state.ended(nil)
            }
            state.lastFailure = failure
            guard await prepareRetry(after: failure, deadline: deadline, &state) else { return state.ended(failure) }
        }
    }

    private func attemptDeadline(
        from begin: ContinuousClock.Instant, until deadline: ContinuousClock.Instant
    ) -> ContinuousClock.Instant {
        guard let timeout = configuration.attemptTimeout else { return deadline }
        return min(begin + timeout, deadline)
    }

    private func outcome(
        of sent: Result<Answer, CallFailure>, since begin: ContinuousClock.Instant, _ state: inout CallState,
        _ failure: (Answer) -> CallFailure?
    ) -> CallFailure? {
        let end = surroundings.now()
        let ending: CallFailure?
        var answer: Answer?
        switch sent {
        case .success(let came):
            noteDate(of: came)
            answer = came
            state.answer = came
            ending = failure(came)
        case .failure(let failure): ending = failure
        }
        if shared.isAdaptive {
            shared.attemptEnded(wasThrottled: ending.flatMap(RetryCause.init) == .throttling, at: end)
        }
        hooks.attemptEnded?(
            AttemptReport(number: state.attempts.count, duration: end - begin, answer: answer, failure: ending))
        return ending
    }

    /// Good answers of one second say one thing; of a fault the clocks may be the reason.
    private func noteDate(of answer: Answer) {
        let now = surroundings.wallClock()
        let second = now / 1_000_000
        if answer.status == 200, second == lastDateSecond { return }
        lastDateSecond = second
        shared.clock.note(answer, at: now)
    }

    /// Waits for the moment of the next attempt.
    /// - Returns: whether there is one.
    private func prepareRetry(
        after failure: CallFailure, deadline: ContinuousClock.Instant, _ state: inout CallState
    ) async -> Bool {
        guard let cause = RetryCause(failure) else { return false }
        if cause == .clock, !shared.clock.correct() { return false }
        let next = state.attempts.failed(
            cause, retryAfter: state.answer?.retryAfter, timeLeft: deadline - surroundings.now(),
            random: Double(surroundings.random() >> 11) / Double(1 << 53), budget: shared.budget)
        guard case .after(let delay, let remedy) = next else { return false }
        state.needsNewConnection = remedy == .newConnection
        if remedy == .otherCredentials {
            guard let refused = state.credentials,
                let others = try? await provider.refreshed(after: refused, deadline: deadline), others != refused
            else { return false }
            state.credentials = others
        }
        if delay > .zero { await surroundings.pause(delay) }
        return surroundings.now() < deadline
    }

    // MARK: The request

    private func transfer(of request: SignedRequest, onNewConnection mustBeNew: Bool) -> WireRequest {
        var transfer = WireRequest(
            url: configuration.endpoint.url, headers: request.headers, body: request.body)
        transfer.connectTimeout = configuration.connectTimeout
        transfer.needsNewConnection = mustBeNew
        return transfer
    }

    private func request(of state: CallState) -> SignedRequest {
        let seconds = surroundings.wallClock() / 1_000_000 + shared.clock.correction
        let time = Timestamp(epochSeconds: seconds)
        var body = state.body
        let head: HeadTemplate
        if let lastHead, hooks.willSign == nil, lastHead.isOf(state.target, state.credentials, time) {
            head = lastHead
        } else {
            head = self.head(of: state, &body, at: time)
            lastHead = head
        }
        return SignedRequest(
            head: head, body: body, invocationID: state.invocationID, attempt: state.attempts.count)
    }

    private func head(of state: CallState, _ body: inout [UInt8], at time: Timestamp) -> HeadTemplate {
        var outgoing = OutgoingRequest(
            headers: [
                (name: "Host", value: configuration.endpoint.host),
                (name: "X-Amz-Target", value: state.target),
                (name: "Content-Type", value: "application/x-amz-json-1.0"),
            ], body: body)
        hooks.willSign?(&outgoing)
        body = outgoing.body
        let signable = SignableRequest(method: "POST", path: "/", headers: outgoing.headers)
        return HeadTemplate(
            of: state.target, state.credentials, time, outgoing.headers,
            signature: state.credentials.map { signer.prepare(signable, with: $0, at: time) },
            userAgent: configuration.userAgent, attemptsMax: configuration.attemptsMax)
    }
}

/// One call on its way.
private struct CallState {
    let target: String
    let body: [UInt8]
    let invocationID: InvocationID
    var attempts: Attempts
    /// nil: it goes unsigned.
    var credentials: Credentials?
    var answer: Answer?
    var lastFailure: CallFailure?
    var needsNewConnection = false

    /// - Parameter failure: nil: the operation has its result.
    func ended(_ failure: CallFailure?) -> (answer: Answer?, failure: CallFailure?, attempts: Int) {
        (answer, failure, attempts.count)
    }
}

extension Answer {
    /// `x-amz-retry-after`, in milliseconds: how long the service asks to wait.
    package var retryAfter: Duration? {
        headers["x-amz-retry-after"].flatMap { UInt32($0) }.map { .milliseconds(Int64($0)) }
    }
}

extension ContinuousClock.Instant {
    private static let origin = ContinuousClock.now

    /// On a scale of its own, which goes on as the clock does.
    fileprivate var seconds: Double { (self - Self.origin) / .seconds(1) }
}
