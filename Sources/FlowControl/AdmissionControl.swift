package import Heartbeat

/// Decides which calls go to SWF and when: at once where the account's rate, the circuit and the number of calls under
/// way allow it, else in the order of the queue. Who cannot be served in time is told so at once.
///
/// When a large fleet starts, more first beats come at once than SWF takes. No status is known of their tasks, and none
/// is made up: they wait for their turn for as long as their callers are ready to, and who cannot be served by then is
/// told when to come back, early enough for its task. A caller who is ready to wait for a minute is not refused where
/// 7,000 tasks start together at 160 calls a second.
package struct AdmissionControl: Sendable {
    package struct Rules: Sendable {
        package var rate = AccountRate.Rule.learnt
        package var circuit = CircuitBreaker.Rules()
        package var callsMax = 256
        package var queueMax = 10_000

        package init() {}
    }

    /// A call that is under way.
    package struct Permit: Sendable {
        fileprivate let caller: String
        fileprivate let sentAt: Moment
        fileprivate let ticket: CircuitBreaker.Ticket
    }

    package struct Refusal: Error, Sendable, Equatable {
        package enum Reason: Sendable, Equatable, CaseIterable {
            /// SWF's rate does not suffice.
            case rate
            /// Too many calls are under way or wait.
            case load
            case circuit
        }

        package let reason: Reason
        /// Until a call would have got through, as far as can be told.
        package let wait: Duration

        package init(reason: Reason, wait: Duration) {
            self.reason = reason
            self.wait = wait
        }
    }

    package struct Turn: Sendable {
        package let id: Int
        package let result: Result<Permit, Refusal>
    }

    /// What became of a call that may have to wait.
    package enum Answer: Sendable {
        case admitted(Permit)
        /// Under the entry's `id` it will have its turn.
        case queued
        case refused(Refusal)
    }

    private static let durationWeight = 0.1
    private static let durationFirst = 0.1
    /// What a call in the queue needs at its end to be of use, at most.
    private static let timeNeededMax = 0.5

    private let rules: Rules
    package private(set) var rate: AccountRate
    package private(set) var circuit: CircuitBreaker
    private var queue = AdmissionQueue()
    private var underWay = 0
    private var underWayByCaller: [String: Int] = [:]
    /// By caller: when the next one may come back of those who are sent away. Those that are past say nothing.
    private var returns: [String: Moment] = [:]
    /// Of a call, in seconds, the latest ones counting most.
    private var duration = AdmissionControl.durationFirst

    package init(_ rules: Rules, now: Moment) {
        self.rules = rules
        rate = AccountRate(rules.rate, now: now)
        circuit = CircuitBreaker(rules.circuit)
    }

    package var queued: Int { queue.count }

    /// Lets a call go if nothing is in its way.
    package mutating func tryAdmit(_ caller: String, at now: Moment) -> Permit? {
        queue.isEmpty && isReady(at: now) && mayHaveMore(caller) ? enter(caller, at: now) : nil
    }

    package mutating func request(_ entry: AdmissionQueue.Entry, at now: Moment) -> Answer {
        if let permit = tryAdmit(entry.caller, at: now) { return .admitted(permit) }
        if case .refused(let time) = circuit.look(at: now) {
            return .refused(Refusal(reason: .circuit, wait: time - now))
        }
        // Who comes before the time takes no place of those who come when they were told to.
        if let time = entry.silence.returnsAt, now < time, entry.deadline < time {
            return .refused(Refusal(reason: .rate, wait: time - now))
        }
        // Who has time for all that wait need not know how many of them are before him.
        let longest = expectedWait(of: entry.caller, behind: queue.count, at: now)
        if queue.count >= rules.queueMax || now + longest.duration + timeNeeded >= entry.deadline {
            let wait = expectedWait(of: entry.caller, behind: queue.ahead(of: entry, at: now), at: now)
            guard queue.count < rules.queueMax, now + wait.duration + timeNeeded < entry.deadline else {
                let time =
                    wait.reason == .rate ? timeOfReturn(of: entry, after: wait.duration, at: now) : wait.duration
                return .refused(Refusal(reason: wait.reason, wait: time))
            }
        }
        queue.add(entry)
        return .queued
    }

    /// To be called when a call has ended, and at `nextTurn`.
    /// - Returns: those in the queue whose turn it is, in order.
    package mutating func turns(at now: Moment) -> [Turn] {
        guard !queue.isEmpty else { return [] }
        if case .refused(let time) = circuit.look(at: now) {
            return refuse(queue.removeAll { _ in true }, Refusal(reason: .circuit, wait: time - now))
        }
        let wait = rate.wait(for: queue.count, at: now)
        let reason = wait > .zero ? Refusal.Reason.rate : .load
        var turns = refuse(queue.removeLost(by: now + timeNeeded), Refusal(reason: reason, wait: wait))
        while isReady(at: now) {
            let (counts, room) = (underWayByCaller, roomForOne)
            guard let entry = queue.next(at: now, where: { (counts[$0] ?? 0) < room }) else { break }
            turns.append(Turn(id: entry.id, result: .success(enter(entry.caller, at: now))))
        }
        return turns
    }

    /// Nobody who waits gets a turn.
    /// - Returns: those in the queue.
    package mutating func refuseAll() -> [Turn] {
        refuse(queue.removeAll { _ in true }, Refusal(reason: .load, wait: .seconds(1)))
    }

    /// When `turns` is to be called although no call has ended; nil: not.
    package func nextTurn(at now: Moment) -> Moment? {
        guard !queue.isEmpty, let deadline = queue.earliestDeadline else { return nil }
        let wait = rate.wait(at: now)
        let last = deadline - timeNeeded
        if wait > .zero { return min(now + wait, last) }
        // What the time has brought since the turns were taken.
        return isReady(at: now) && queue.callers.contains(where: mayHaveMore) ? now : last
    }

    /// - Parameters:
    ///   - wasThrottled: by SWF's rate limit.
    package mutating func ended(
        _ permit: Permit, _ verdict: CircuitBreaker.Verdict, wasThrottled: Bool = false,
        at now: Moment
    ) {
        underWay -= 1
        if let index = underWayByCaller.index(forKey: permit.caller) {
            underWayByCaller.values[index] -= 1
            if underWayByCaller.values[index] == 0 { underWayByCaller.remove(at: index) }
        }
        circuit.ended(verdict, permit.ticket, at: now)
        guard verdict != .nothing else { return }
        rate.ended(wasThrottled: wasThrottled, sentAt: permit.sentAt, at: now)
        duration += (now.seconds(since: permit.sentAt) - duration) * Self.durationWeight
    }

    /// How long whoever was refused by SWF, or failed, is to wait; nil: nothing here tells.
    package func wait(wasThrottled: Bool, at now: Moment) -> Duration? {
        if wasThrottled { return rate.wait(for: queue.count + 1, at: now) }
        if case .refused(let time) = circuit.look(at: now) { return time - now }
        return nil
    }

    private var timeNeeded: Duration { .seconds(min(duration, Self.timeNeededMax)) }

    private func isReady(at now: Moment) -> Bool {
        guard underWay < rules.callsMax, rate.wait(at: now) == .zero else { return false }
        return switch circuit.look(at: now) {
        case .call, .probe: true
        case .wait, .refused: false
        }
    }

    /// A caller may have as many calls under way as there is room for others (dynamic thresholds, Choudhury and Hahne,
    /// 1998): alone it gets half of all, and whoever comes finds room, however many calls of others hang.
    private func mayHaveMore(_ caller: String) -> Bool {
        underWay < roomForOne || (underWayByCaller[caller] ?? 0) < roomForOne
    }

    private var roomForOne: Int { max(1, rules.callsMax - underWay) }

    private mutating func enter(_ caller: String, at now: Moment) -> Permit {
        rate.take(at: now)
        underWay += 1
        underWayByCaller[caller, default: 0] += 1
        return Permit(caller: caller, sentAt: now, ticket: circuit.enter(at: now))
    }

    private func expectedWait(
        of caller: String, behind others: Int, at now: Moment
    ) -> (duration: Duration, reason: Refusal.Reason) {
        let ahead = others + 1
        let forRate = rate.wait(for: ahead, at: now)
        let forPlace =
            underWay < rules.callsMax && mayHaveMore(caller)
            ? Duration.zero : .seconds(duration * (1 + Double(ahead) / Double(rules.callsMax)))
        return (max(forRate, forPlace), forRate > forPlace ? .rate : .load)
    }

    /// Those whose turn cannot come in time are told to come back one after the other, as each caller's share of the
    /// rate allows, so that they find a place then.
    private mutating func timeOfReturn(
        of entry: AdmissionQueue.Entry, after wait: Duration, at now: Moment
    ) -> Duration {
        guard let limit = rate.limit, let absenceMax = entry.silence.absenceMax(at: now) else { return wait }
        returns = returns.filter { $0.value > now }
        let time = min(max(now + wait, returns[entry.caller] ?? now), now + absenceMax)
        returns[entry.caller] = time
        returns[entry.caller] = time + .seconds(Double(returns.count) / limit)
        return time - now
    }

    private func refuse(_ entries: [AdmissionQueue.Entry], _ refusal: Refusal) -> [Turn] {
        entries.map { Turn(id: $0.id, result: .failure(refusal)) }
    }
}
