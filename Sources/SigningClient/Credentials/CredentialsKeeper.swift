public import EventLoop
public import SigV4
internal import Synchronization

/// The process's credentials: fetched once for all who ask, refreshed ahead of their expiry, used until they expire.
///
/// It lives on one loop. Whoever asks on another finds the credentials under a lock and goes there only to wait for
/// a refresh.
public actor CredentialsKeeper: ReadyCredentials {
    /// For one refresh, whatever its source has to ask.
    static let flightMax = Duration.seconds(30)
    /// For callers whose credentials are still good: after it they use them.
    static let waitMaxWhileUsable = Duration.seconds(1)
    /// Between two refreshes of which each was forced by a refusal, in milliseconds.
    static let forcedIntervalMin: Int64 = 10_000
    /// The wall clock may be set, so it is looked at again after this.
    static let watchMax = Duration.seconds(30)

    /// What is known to every loop.
    private struct Published {
        var held: SourcedCredentials?
        var schedule = RefreshSchedule()
        var fault: CredentialsFault?
    }

    package nonisolated let loop: EventLoop
    private nonisolated let published = Mutex(Published())
    private nonisolated let now: @Sendable () -> Int64
    private let random: @Sendable () -> Double
    private let hasRefreshed: @Sendable (CredentialsStatus) -> Void
    private let makeSource: @Sendable () -> any CredentialSource
    private var source: (any CredentialSource)?
    private var flight: Flight<RefreshOutcome>?
    private var forcedNotBefore = Int64.min
    private var alarm: Wakeup?
    private var isStopped = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// From the first of the sources that the settings describe.
    public init(_ environment: AWSEnvironment, on loop: EventLoop) {
        self.init(environment, on: loop, refreshed: { _ in })
    }

    /// - Parameter refreshed: is told how it stands after each refresh, on the loop.
    package init(
        _ environment: AWSEnvironment, on loop: EventLoop,
        refreshed: @escaping @Sendable (CredentialsStatus) -> Void
    ) {
        self.init(on: loop, refreshed: refreshed) { CredentialsChain(environment.readAgain().credentials, on: loop) }
    }

    /// Of the chain of sources that the settings describe.
    package init(_ settings: CredentialsSettings, on loop: EventLoop) {
        self.init(on: loop) { CredentialsChain(settings, on: loop) }
    }

    /// - Parameters:
    ///   - now: milliseconds since 1970.
    ///   - random: 0 to 1.
    ///   - makeSource: called on the loop, at first and after what the source gave was refused or nothing.
    package init(
        on loop: EventLoop, now: @escaping @Sendable () -> Int64 = { wallClockMicroseconds() / 1000 },
        random: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        refreshed: @escaping @Sendable (CredentialsStatus) -> Void = { _ in },
        makeSource: @escaping @Sendable () -> any CredentialSource
    ) {
        self.loop = loop
        self.now = now
        self.random = random
        hasRefreshed = refreshed
        self.makeSource = makeSource
    }

    // MARK: For every loop

    package nonisolated var status: CredentialsStatus {
        let now = now()
        return published.withLock { published in
            CredentialsStatus(
                source: published.held?.source, expiration: published.held?.expiration,
                isUsable: published.schedule.isUsable(at: now), fault: published.fault)
        }
    }

    public nonisolated func credentials(
        deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        if let credentials = atHand { return credentials }
        return try await fresh(deadline: deadline)
    }

    package nonisolated var atHand: Credentials? {
        let now = now()
        return published.withLock { published in
            switch published.schedule.decision(at: now) {
            case .use, .useAndRefreshAhead: published.held?.credentials
            case .refreshFirst, .refuse: nil
            }
        }
    }

    public nonisolated func refreshed(
        after refused: Credentials, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        let (decision, held) = look()
        if let held, held.credentials != refused, decision == .use || decision == .useAndRefreshAhead {
            return held.credentials
        }
        return try await forced(after: refused, deadline: deadline)
    }

    private nonisolated func look() -> (decision: RefreshSchedule.Decision, held: SourcedCredentials?) {
        let now = now()
        return published.withLock { ($0.schedule.decision(at: now), $0.held) }
    }

    // MARK: On the loop

    /// Keeps the credentials fresh, asked or not, until `stop`.
    package func start() {
        guard alarm == nil, !isStopped else { return }
        alarm = Wakeup(on: loop)
        loop.spawn { await self.keepFresh() }
    }

    package func stop() {
        isStopped = true
        alarm?.signal()
        if flight == nil { source = nil }
    }

    /// Does at once what is due by now.
    package func refreshIfDue() async {
        switch look().decision {
        case .use, .refuse: return
        case .useAndRefreshAhead, .refreshFirst: _ = await flightUnderWay().wait(until: .now + Self.flightMax)
        }
    }

    private func keepFresh() async {
        while !isStopped {
            await refreshIfDue()
            let due = published.withLock { $0.schedule.nextRefresh() }
            let pause = due.map { Duration.milliseconds(max(0, $0 - now())) } ?? Self.watchMax
            if !isStopped { await alarm?.wait(until: .now + min(pause, Self.watchMax)) }
        }
        alarm?.cancel()
        alarm = nil
    }

    private func fresh(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> Credentials {
        let (decision, held) = look()
        switch decision {
        case .use, .useAndRefreshAhead:
            if let held { return held.credentials }
        case .refuse:
            throw published.withLock { $0.fault } ?? Self.overdue
        case .refreshFirst: break
        }
        let isUsable = published.withLock { $0.schedule.isUsable(at: now()) }
        let latest = isUsable ? min(deadline, .now + Self.waitMaxWhileUsable) : deadline
        if case .success(let loaded)? = await flightUnderWay().wait(until: latest) { return loaded.credentials }
        return try remaining()
    }

    /// What there is where a refresh failed or lasts too long.
    private func remaining() throws(CredentialsFault) -> Credentials {
        let now = now()
        let state = published.withLock { ($0.schedule.isUsable(at: now), $0.held, $0.fault) }
        if state.0, let held = state.1 { return held.credentials }
        throw flight == nil ? state.2 ?? Self.overdue : Self.overdue
    }

    private func forced(
        after refused: Credentials, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        let known = published.withLock { $0.held }
        if flight == nil {
            if let known, known.credentials != refused { return known.credentials }
            guard now() >= forcedNotBefore else { throw Self.noOthers(known?.source) }
            forcedNotBefore = now() + Self.forcedIntervalMin
            // The keys in a file may have been replaced.
            source = nil
        }
        switch await flightUnderWay().wait(until: deadline) {
        case nil: throw Self.overdue
        case .failure(let fault)?: throw fault
        case .success(let loaded)?:
            guard loaded.credentials != refused else { throw Self.noOthers(loaded.source) }
            return loaded.credentials
        }
    }

    private static func noOthers(_ source: String?) -> CredentialsFault {
        CredentialsFault(.refused, source: source, "the service refuses these credentials, and there are no others")
    }

    private static func nowhere(_ complaint: String?) -> CredentialsFault {
        let why = complaint.map { ", and \($0)" } ?? ""
        return CredentialsFault(.none, "there are no AWS credentials: no source of them is set up\(why)")
    }

    private static let overdue = CredentialsFault(.overdue, "there were no credentials in time")

    // MARK: The flight

    private func flightUnderWay() -> Flight<RefreshOutcome> {
        if let flight { return flight }
        let flight = Flight<RefreshOutcome>(on: loop)
        self.flight = flight
        loop.spawn { await self.fly() }
        return flight
    }

    private func fly() async {
        let source = self.source ?? makeSource()
        self.source = source
        var outcome: RefreshOutcome
        do throws(CredentialsFault) {
            guard let loaded = try await source.load(deadline: .now + Self.flightMax) else {
                throw Self.nowhere(source.complaint)
            }
            outcome = .success(loaded)
        } catch {
            outcome = .failure(error)
        }
        if case .success(let loaded) = outcome, let expiration = loaded.expiration, expiration * 1000 <= now() {
            outcome = .failure(
                CredentialsFault(.unavailable, source: loaded.source, "what came is expired already"))
        }
        publish(outcome)
        hasRefreshed(status)
        flight.take()?.land(outcome)
        if isStopped || outcome.asksForOtherSettings { self.source = nil }
    }

    private func publish(_ outcome: RefreshOutcome) {
        let (now, random) = (now(), random())
        published.withLock { published in
            switch outcome {
            case .success(let loaded):
                published.held = loaded
                published.fault = nil
                published.schedule.succeeded(at: now, expiration: loaded.expiration)
            case .failure(let fault):
                published.fault = fault
                published.schedule.failed(at: now, random: random)
            }
        }
    }
}

private typealias RefreshOutcome = Result<SourcedCredentials, CredentialsFault>

/// How it stands with the credentials, without them.
package struct CredentialsStatus: Sendable, Equatable {
    /// Where those at hand are from; nil where there are none yet.
    package let source: String?
    /// Seconds since 1970; nil where they hold for ever.
    package let expiration: Int64?
    /// Whether calls can be signed now.
    package let isUsable: Bool
    /// Why the last refresh failed; nil once one went well.
    package let fault: CredentialsFault?
}

extension RefreshOutcome {
    /// Whether somebody has to set something up first, in a file perhaps.
    fileprivate var asksForOtherSettings: Bool {
        guard case .failure(let fault) = self else { return false }
        return fault.kind == .none || fault.kind == .configuration
    }
}
