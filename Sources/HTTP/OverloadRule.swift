/// Says which requests a loop that cannot keep up refuses.
///
/// A probe waits for its turn as whatever else comes in does. A loop is overloaded once each probe of a whole interval
/// was late: the delay that stands counts, not its peaks (after CoDel, RFC 8289 §3), so that a burst is served whole.
/// Until no probe was late for an interval, requests are then refused whenever one is.
package struct OverloadRule: Sendable {
    package struct Rules: Sendable, Equatable {
        /// How long what comes in may wait for its turn before that is late.
        package var delayMax: Duration = .milliseconds(50)
        package var interval: Duration = .seconds(1)
        /// Of a loop. Whoever is refused beyond them waits for his answer: however many come, refusing takes but a
        /// share of the loop's time.
        package var refusalsPerSecondMax = 10_000
        package var retryAfterMax: Duration = .seconds(10)

        package init() {}
    }

    package enum Reason: Sendable, CaseIterable {
        /// What comes in waits too long for its turn.
        case delay
        /// As many requests are under way as there may be.
        case requests
    }

    package struct Refusal: Sendable, Equatable {
        package let reason: Reason
        /// Before it is to be sent.
        package let pause: Duration
        /// How long the caller is to wait then.
        package let retryAfter: Duration
    }

    /// What a second brought.
    private struct Tally: Sendable {
        var served = 0
        var refused = 0
    }

    /// How far refusals may be ahead of their rate: a timer for each would cost more than it spares.
    private static let refusalsAheadMax = Duration.milliseconds(10)

    private let rules: Rules
    /// When the one under way was sent.
    private var probe: ContinuousClock.Instant?
    private var nextProbe: ContinuousClock.Instant
    /// When the first of the latest probes was sent, which were all late; nil where the last one was in time.
    private var lateSince: ContinuousClock.Instant?
    /// When it was seen last that the loop is overloaded.
    private var overloadedAt: ContinuousClock.Instant?
    /// When all refusals so far are sent at their rate.
    private var refusalsSentAt: ContinuousClock.Instant
    private var current = Tally()
    private var currentSince: ContinuousClock.Instant
    /// Of the second before.
    private var last = Tally()

    package init(_ rules: Rules = Rules(), now: ContinuousClock.Instant) {
        self.rules = rules
        nextProbe = now
        refusalsSentAt = now
        currentSince = now
    }
}

extension OverloadRule {
    /// While probes are in time, one suffices now and then.
    private static let probeInterval = Duration.milliseconds(10)

    // MARK: The probe

    /// To be asked at each request, and when the probe came.
    /// - Returns: whether the probe is to be sent now.
    package mutating func sendsProbe(at now: ContinuousClock.Instant) -> Bool {
        guard probe == nil, nextProbe <= now else { return false }
        probe = now
        nextProbe = now + Self.probeInterval
        return true
    }

    /// The probe had its turn.
    package mutating func probeCame(at now: ContinuousClock.Instant) {
        if look(at: now) {
            // Only the next one can show that the delay is over, whether or not requests come until then.
            nextProbe = now
        } else {
            lateSince = nil
        }
        probe = nil
    }

    /// - Returns: whether the probe is late.
    @discardableResult
    private mutating func look(at now: ContinuousClock.Instant) -> Bool {
        guard let probe, now - probe > rules.delayMax else { return false }
        let since = lateSince ?? probe
        lateSince = since
        if now - since >= rules.interval || wasOverloaded(at: now) { overloadedAt = now }
        return true
    }

    private func wasOverloaded(at now: ContinuousClock.Instant) -> Bool {
        overloadedAt.map { now - $0 <= rules.interval } ?? false
    }

    // MARK: Requests

    /// - Parameter hasRoom: whether one request more may be under way.
    /// - Returns: nil where it is to be served.
    package mutating func refusal(hasRoom: Bool, at now: ContinuousClock.Instant) -> Refusal? {
        look(at: now)
        if !hasRoom { return refuse(.requests, at: now) }
        return lateSince != nil && wasOverloaded(at: now) ? refuse(.delay, at: now) : nil
    }

    /// A request was served to its end.
    package mutating func served(at now: ContinuousClock.Instant) {
        turnPage(at: now)
        current.served += 1
    }

    private mutating func refuse(_ reason: Reason, at now: ContinuousClock.Instant) -> Refusal {
        turnPage(at: now)
        current.refused += 1
        refusalsSentAt = max(refusalsSentAt, now) + .seconds(1) / rules.refusalsPerSecondMax
        let pause = max(.zero, refusalsSentAt - now - Self.refusalsAheadMax)
        return Refusal(reason: reason, pause: pause, retryAfter: min(timeToCatchUp, rules.retryAfterMax))
    }

    /// How long it takes to serve what was refused lately, as fast as others were served lately.
    private var timeToCatchUp: Duration {
        .seconds(last.refused + current.refused) / max(1, last.served + current.served)
    }

    private mutating func turnPage(at now: ContinuousClock.Instant) {
        let age = now - currentSince
        guard age >= .seconds(1) else { return }
        last = age < .seconds(2) ? current : Tally()
        current = Tally()
        currentSince = now
    }
}
