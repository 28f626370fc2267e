/// Says when the requests of one loop are served, so that it never has more in hand than it can do soon.
///
/// A probe waits for its turn on the loop as whatever else comes in does. While it comes in time, requests are served
/// at once. From then on they wait in a line, and each probe that comes lets some of them go: more and more as long as
/// the probes are in time, fewer when one is late. So a line costs nothing but time, and a burst is served whole. Once
/// there has been one for an interval, those that have waited too long in it are refused (the delay that stands counts,
/// not its peaks: after CoDel, RFC 8289 §3), at a rate that leaves the loop its time for the others.
package struct OverloadRule: Sendable {
    package struct Rules: Sendable, Equatable {
        /// How long what comes in may wait for its turn on the loop before that is late.
        package var delayMax: Duration = .milliseconds(50)
        package var interval: Duration = .seconds(1)
        /// How long a request may wait in the line once there has been one for the interval.
        package var waitMax: Duration = .milliseconds(500)
        /// Who is to be refused beyond them waits for it.
        package var refusalsPerSecondMax = 2000
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

        package init(reason: Reason, pause: Duration = .zero, retryAfter: Duration) {
            self.reason = reason
            self.pause = pause
            self.retryAfter = retryAfter
        }
    }

    package enum Answer: Sendable, Equatable {
        case serve
        /// Its turn comes, with a probe.
        case wait
        case refuse(Refusal)
    }

    package struct Turn: Sendable, Equatable {
        package let id: Int
        /// nil: it is to be served.
        package let refusal: Refusal?
    }

    private struct Waiting: Sendable {
        let id: Int
        let since: ContinuousClock.Instant
    }

    /// What a second brought.
    private struct Tally: Sendable {
        var served = 0
        var refused = 0
    }

    /// While probes are in time, one suffices now and then.
    private static let probeInterval = Duration.milliseconds(10)
    /// How far refusals may be ahead of their rate: those in the line go with probes, which may be so far apart.
    private static let refusalsAheadMax = Duration.milliseconds(100)
    private static let batchMin = 64
    private static let batchStep = 16
    private static let batchMax = 4096

    private let rules: Rules
    /// When the one under way was sent.
    private var probe: ContinuousClock.Instant?
    private var nextProbe: ContinuousClock.Instant
    /// In the order in which they came; those before `first` are gone.
    private var line: [Waiting] = []
    private var first = 0
    private var lineSince: ContinuousClock.Instant
    /// How many a probe lets go.
    private var batch = batchMin
    /// When all refusals so far are sent at their rate.
    private var refusalsSentAt: ContinuousClock.Instant
    private var current = Tally()
    private var currentSince: ContinuousClock.Instant
    /// Of the second before.
    private var last = Tally()

    package init(_ rules: Rules = Rules(), now: ContinuousClock.Instant) {
        self.rules = rules
        nextProbe = now
        lineSince = now
        refusalsSentAt = now - Self.refusalsAheadMax
        currentSince = now
    }

    package var waiting: Int { line.count - first }

    // MARK: Events

    /// To be asked after each of the following.
    /// - Returns: whether the probe is to be sent now.
    package mutating func sendsProbe(at now: ContinuousClock.Instant) -> Bool {
        guard probe == nil, nextProbe <= now || waiting > 0 else { return false }
        probe = now
        nextProbe = now + Self.probeInterval
        return true
    }

    /// Whether a request that came now would not wait.
    package func isOpen(at now: ContinuousClock.Instant) -> Bool {
        waiting == 0 && !isProbeLate(at: now)
    }

    /// A request has come.
    /// - Parameters:
    ///   - id: of its own as long as it waits.
    ///   - hasRoom: whether one more may be under way.
    package mutating func request(_ id: Int, hasRoom: Bool, at now: ContinuousClock.Instant) -> Answer {
        guard hasRoom else { return .refuse(refuse(.requests, at: now)) }
        if isOpen(at: now) { return .serve }
        if waiting == 0 {
            lineSince = now
            batch = Self.batchMin
        }
        line.append(Waiting(id: id, since: now))
        return .wait
    }

    /// The probe had its turn.
    /// - Returns: those of the line whose turn it is, in order.
    package mutating func probeCame(at now: ContinuousClock.Instant) -> [Turn] {
        let isLate = isProbeLate(at: now)
        probe = nil
        guard waiting > 0 else { return [] }
        batch = isLate ? max(Self.batchMin, batch * 3 / 4) : min(Self.batchMax, batch + Self.batchStep)
        var turns: [Turn] = []
        while waiting > 0, isTooLate(line[first], at: now), refusalsSentAt <= now {
            turns.append(Turn(id: line[first].id, refusal: refuse(.delay, at: now)))
            first += 1
        }
        for waiting in line.dropFirst(first).prefix(batch) { turns.append(Turn(id: waiting.id, refusal: nil)) }
        first = min(line.count, first + batch)
        if first * 2 >= line.count {
            line.removeFirst(first)
            first = 0
        }
        return turns
    }

    /// A request was served to its end.
    package mutating func served(at now: ContinuousClock.Instant) {
        turnPage(at: now)
        current.served += 1
    }

    private func isProbeLate(at now: ContinuousClock.Instant) -> Bool {
        probe.map { now - $0 > rules.delayMax } ?? false
    }

    // MARK: Refusing

    private func isTooLate(_ waiting: Waiting, at now: ContinuousClock.Instant) -> Bool {
        now - lineSince >= rules.interval && now - waiting.since > rules.waitMax
    }

    private mutating func refuse(_ reason: Reason, at now: ContinuousClock.Instant) -> Refusal {
        turnPage(at: now)
        current.refused += 1
        let ahead = now - Self.refusalsAheadMax
        refusalsSentAt = max(refusalsSentAt, ahead) + .seconds(1) / rules.refusalsPerSecondMax
        return Refusal(
            reason: reason, pause: max(.zero, refusalsSentAt - now), retryAfter: min(timeToCatchUp, rules.retryAfterMax)
        )
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
