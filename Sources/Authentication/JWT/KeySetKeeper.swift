internal import EventLoop
internal import Synchronization

/// One issuer's keys: fetched for all loops, again when they are due, and kept while they cannot be had anew.
///
/// It lives on one loop. Whoever looks for a key on another finds the set under a lock, and goes there only to wait for
/// a newer one.
package actor KeySetKeeper {
    /// For one fetch, discovery included.
    static let fetchMax = Duration.seconds(10)
    /// For a token whose key is not known: then it is refused.
    package static let waitMax = Duration.seconds(2)
    /// Between two fetches that tokens ask for: anybody can make up the name of a key.
    static let askedIntervalMin = Duration.seconds(30)
    /// After a fetch that failed.
    static let retryInterval = Duration.seconds(30)
    /// The same while there are no keys at all.
    static let retryIntervalWithoutKeys = Duration.seconds(5)

    private struct Published {
        var set: KeySet?
        var fault: KeySetFault?
    }

    package nonisolated let issuer: String
    private nonisolated let loop: EventLoop
    private nonisolated let published = Mutex(Published())
    private let source: any KeySetSource
    private let now: @Sendable () -> ContinuousClock.Instant
    private let noted: @Sendable (KeySetEvent) -> Void
    private var flight: Flight<Void>?
    private var begun: ContinuousClock.Instant?
    private var due: ContinuousClock.Instant
    private var alarm: Wakeup?
    private var isStopped = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(
        _ issuer: String, _ source: any KeySetSource, on loop: EventLoop,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        noted: @escaping @Sendable (KeySetEvent) -> Void
    ) {
        self.issuer = issuer
        self.source = source
        self.loop = loop
        self.now = now
        self.noted = noted
        due = now()
    }

    // MARK: For every loop

    /// Nil until they could be had for the first time.
    package nonisolated var current: KeySet? { published.withLock { $0.set } }

    package nonisolated var status: KeySetStatus {
        published.withLock { KeySetStatus(issuer: issuer, keyCount: $0.set?.count ?? 0, fault: $0.fault) }
    }

    // MARK: On the loop

    /// Keeps the keys fresh until `stop`.
    package func start() {
        guard alarm == nil, !isStopped else { return }
        alarm = Wakeup(on: loop)
        loop.spawn { await self.keepFresh() }
    }

    package func stop() {
        isStopped = true
        alarm?.signal()
    }

    private func keepFresh() async {
        while !isStopped {
            if now() >= due { await fetch(until: .now + Self.fetchMax + Self.waitMax) }
            if !isStopped { await alarm?.wait(until: due) }
        }
        alarm?.cancel()
        alarm = nil
    }

    /// Fetches the keys for a token whose key is not among them, if that was not done just now, and waits for it.
    package func refresh(deadline: ContinuousClock.Instant) async {
        if flight == nil, let begun, now() < begun + interval { return }
        await fetch(until: min(deadline, .now + Self.waitMax))
    }

    private var interval: Duration {
        current == nil ? Self.retryIntervalWithoutKeys : Self.askedIntervalMin
    }

    private func fetch(until deadline: ContinuousClock.Instant) async {
        let flight = flight ?? takeOff()
        await flight.wait(until: deadline)
    }

    private func takeOff() -> Flight<Void> {
        let flight = Flight<Void>(on: loop)
        self.flight = flight
        begun = now()
        loop.spawn { await self.fly() }
        return flight
    }

    private func fly() async {
        do throws(KeySetFault) {
            let (set, lifetime) = try await source.load(deadline: .now + Self.fetchMax)
            due = now() + lifetime
            take(set)
        } catch {
            due = now() + (current == nil ? Self.retryIntervalWithoutKeys : Self.retryInterval)
            refuse(error)
        }
        flight.take()?.land(())
    }

    private func take(_ set: KeySet) {
        let isNews = published.withLock { published in
            defer { published = Published(set: set) }
            return published.set != set || published.fault != nil
        }
        if isNews { noted(.changed(issuer: issuer, count: set.count, skipped: set.skipped)) }
    }

    private func refuse(_ fault: KeySetFault) {
        let (isNews, hasKeys) = published.withLock { published in
            defer { published.fault = fault }
            return (published.fault != fault, published.set != nil)
        }
        noted(.failed(issuer: issuer, fault, isNews: isNews, hasKeys: hasKeys))
    }
}

/// What becomes of an issuer's keys.
package enum KeySetEvent: Sendable, Equatable {
    /// They are others than before, or are to be had again. `skipped`: why keys are left out.
    case changed(issuer: String, count: Int, skipped: [String])
    /// `isNews`: not the same as the last time. `hasKeys`: those of before stay in use.
    case failed(issuer: String, KeySetFault, isNews: Bool, hasKeys: Bool)
}

/// How it stands with an issuer's keys.
package struct KeySetStatus: Sendable, Equatable {
    package let issuer: String
    package let keyCount: Int
    /// Why the last fetch failed; nil once one went well.
    package let fault: KeySetFault?
}
