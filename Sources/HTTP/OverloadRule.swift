/// Says when the requests of one loop are served, so that it never has more in hand than it can do soon.
///
/// A probe waits for its turn on the loop as whatever else comes in does. While it comes in time, and what requests
/// lead to has room for more, they are served at once. Else they wait in a line, and each probe that comes lets some of
/// them go: more and more as long as the probes are in time, fewer when one is late. So a line costs nothing but time,
/// and a burst is served whole.
///
/// Once there has been a line for an interval (the delay that stands counts, not its peaks: after CoDel, RFC 8289 §3)
/// and it is too long for all to be served soon, the last to come go first: whoever is served is served soon, and
/// those that wait meanwhile have their turn if the load ends in time. If it does not they are refused, at a rate that
/// leaves the loop its time for the others.
package struct OverloadRule: Sendable {
    package struct Rules: Sendable, Equatable {
        /// How long what comes in may wait for its turn on the loop before that is late.
        package var delayMax: Duration = .milliseconds(5)
        package var interval: Duration = .seconds(1)
        /// As long as nobody waits for longer, they go in the order in which they came.
        package var waitInOrderMax: Duration = .milliseconds(50)
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
        /// What requests lead to has no room for more.
        case backlog
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

    /// While requests are served at once, a probe suffices now and then.
    private static let probeInterval = Duration.milliseconds(10)
    /// While some wait. A loop that has nothing to do but to send probes would take time from those who have.
    private static let lineProbeInterval = Duration.milliseconds(2)
    /// How far refusals may be ahead of their rate: those in the line go with probes, which may be so far apart.
    private static let refusalsAheadMax = Duration.milliseconds(100)
    private static let batchMin = 16
    private static let batchMax = 4096

    private let rules: Rules
    /// When the one under way was sent.
    private var probe: ContinuousClock.Instant?
    /// When there may be another.
    private var nextProbe: ContinuousClock.Instant
    /// In the order in which they came; those before `first` are gone.
    private var line: [Waiting] = []
    private var first = 0
    private var lineSince: ContinuousClock.Instant
    /// How many a probe lets go.
    private var batch = batchMin
    /// What they wait for.
    private var reason = Reason.delay
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

    /// To be asked after each of the following, and at `probeDue`.
    /// - Returns: whether the probe is to be sent now.
    package mutating func sendsProbe(at now: ContinuousClock.Instant) -> Bool {
        guard probe == nil, nextProbe <= now else { return false }
        probe = now
        nextProbe = now + Self.probeInterval
        return true
    }

    /// When the next probe is to be sent although nothing else happens; nil: not, or one is under way.
    package var probeDue: ContinuousClock.Instant? {
        waiting > 0 && probe == nil ? nextProbe : nil
    }

    /// Whether a request that came now would not wait.
    /// - Parameter room: how many requests may follow, as far as it goes by what they lead to.
    package func isOpen(room: Int, at now: ContinuousClock.Instant) -> Bool {
        waiting == 0 && room > 0 && !isProbeLate(at: now)
    }

    /// A request has come.
    /// - Parameters:
    ///   - id: of its own as long as it waits.
    ///   - mayBegin: whether one more may be under way.
    ///   - room: as of `isOpen`.
    package mutating func request(
        _ id: Int, mayBegin: Bool, room: Int, at now: ContinuousClock.Instant
    ) -> Answer {
        guard mayBegin else { return .refuse(refuse(.requests, at: now)) }
        if isOpen(room: room, at: now) { return .serve }
        if waiting == 0 {
            lineSince = now
            batch = Self.batchMin
            reason = room > 0 ? .delay : .backlog
            nextProbe = min(nextProbe, now + Self.lineProbeInterval)
        }
        line.append(Waiting(id: id, since: now))
        return .wait
    }

    /// The probe had its turn.
    /// - Parameter room: as of `isOpen`.
    /// - Returns: those of the line whose turn it is, in order.
    package mutating func probeCame(room: Int, at now: ContinuousClock.Instant) -> [Turn] {
        let isLate = isProbeLate(at: now)
        let sent = probe.take() ?? now
        guard waiting > 0 else { return [] }
        let isRoomScarce = room < min(batch, waiting)
        if isLate {
            batch = max(Self.batchMin, batch * 3 / 4)
        } else if !isRoomScarce {
            batch = min(Self.batchMax, batch * 9 / 8)
        }
        if isRoomScarce { reason = .backlog } else if isLate { reason = .delay }
        let turns = refuseLate(at: now) + serve(min(batch, room), at: now)
        if first * 2 >= line.count {
            line.removeFirst(first)
            first = 0
        }
        if waiting > 0 { nextProbe = sent + Self.lineProbeInterval }
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

    private mutating func serve(_ countMax: Int, at now: ContinuousClock.Instant) -> [Turn] {
        let count = min(countMax, waiting)
        guard count > 0 else { return [] }
        let served: [Waiting]
        if firstHasWaited(longerThan: rules.waitInOrderMax, at: now) {
            served = line.suffix(count).reversed()
            line.removeLast(count)
        } else {
            served = Array(line[first..<(first + count)])
            first += count
        }
        return served.map { Turn(id: $0.id, refusal: nil) }
    }

    private func firstHasWaited(longerThan time: Duration, at now: ContinuousClock.Instant) -> Bool {
        now - lineSince >= rules.interval && now - line[first].since > time
    }

    // MARK: Refusing

    private mutating func refuseLate(at now: ContinuousClock.Instant) -> [Turn] {
        var turns: [Turn] = []
        while waiting > 0, firstHasWaited(longerThan: rules.waitMax, at: now), refusalsSentAt <= now {
            turns.append(Turn(id: line[first].id, refusal: refuse(reason, at: now)))
            first += 1
        }
        return turns
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
