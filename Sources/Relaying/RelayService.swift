package import EventLoop
internal import FlowControl
package import Heartbeat
internal import Synchronization

/// Relays the beats that come in on one loop: at once, together with others of the same task, or later.
///
/// For use on its loop only.
package final class RelayService: ActivityService {
    /// A flush that has ended: its heartbeat, what came of it, and when it began.
    package typealias Flush = (beat: Beat, relay: Relay, begunAt: Moment)

    let shared: RelayState
    let upstream: any Upstream
    let loop: EventLoop
    let post: Post
    private let isDraining: () -> Bool
    let observe: (RelayEvent) -> Void
    let flushed: (Flush) async -> Void
    private var numbers = 0
    /// By task: when something of it is to be looked at.
    private var alarms: [FlowTable.Key: LoopTimer] = [:]
    private var turns: LoopTimer?
    private var jobs = 0
    private let jobEnded: Wakeup
    /// In nanoseconds.
    let callGrace: Int64
    let longCalls: LongCalls
    /// When calls to SWF end at the latest; nil: that is not known yet.
    private(set) var callsEnd: Moment?
    private var callsEndTimer: LoopTimer?

    /// - Parameters:
    ///   - callGrace: how long calls may go on, at least, when they are told to end.
    ///   - isDraining: whether the service is about to end: then nothing is put off any more.
    ///   - flushed: keeps a row of each flush; nobody's answer waits for it.
    package init(
        _ upstream: any Upstream, _ shared: RelayState, on loop: EventLoop, callGrace: Duration = .seconds(60),
        isDraining: @escaping () -> Bool = { false }, observe: @escaping (RelayEvent) -> Void = { _ in },
        flushed: @escaping (Flush) async -> Void = { _ in }
    ) {
        self.upstream = upstream
        self.shared = shared
        self.loop = loop
        self.callGrace = callGrace.nanoseconds
        self.isDraining = isDraining
        self.observe = observe
        self.flushed = flushed
        post = shared.newPost(on: loop)
        jobEnded = Wakeup(on: loop)
        longCalls = LongCalls(on: loop)
        turns = LoopTimer(on: loop) { [weak self] in self?.takeTurns() }
        callsEndTimer = LoopTimer(on: loop) { [weak self] in self?.cutCalls() }
    }

    package func relay(_ beat: Beat) async -> Relay {
        let key = FlowTable.Key(beat.taskToken, hash: beat.taskHash)
        let now = Moment.now
        let rule = isDraining() ? nil : rule(for: beat)
        guard rule == nil, let permit = beginAlone(beat, key, at: now) else {
            return await relay(beat, key, rule, at: now)
        }
        let relay = await call(
            key, beat.details, deadline: Moment(beat.deadline), at: now, permit, caller: beat.callerName)
        if shared.table(of: key, { $0.endAlone(key) }) { return completed(relay) }
        return await finish(TaskFlow.Call(of: beat, aloneSince: now), relay, key)
    }

    /// Relays a beat of a task of which more is known, or is to be.
    private func relay(_ beat: Beat, _ key: FlowTable.Key, _ rule: IntervalRule?, at now: Moment) async -> Relay {
        numbers += 1
        let waiter = TaskFlow.Waiter(loop: post.number, number: numbers)
        let (decision, consequences) = shared.table(of: key) { table in
            table.beat(
                beat, key, rule: rule, from: waiter, at: now, scarcity: { shared.scarcity(at: now) },
                admit: { shared.admission.withLock { $0.tryAdmit(beat.callerName, at: now) } })
        }
        switch decision {
        case .lastKnown(let known):
            act(consequences, key)
            observe(.lastKnown)
            return Relay(known)
        case .call(let call, let permit):
            let relay = await make(call, key, permit, caller: beat.callerName)
            return fallBack(relay, beat, key) ?? relay
        case .joined:
            announce(waiter)
            act(consequences, key)
            return await wait(waiter, beat, key)
        }
    }

    /// Has no call to SWF go on for longer than that, nor wait to be sent: so that those who wait for one have an
    /// answer, and a row, before the service ends. To be called once.
    /// - Parameter end: not before `callGrace` is over.
    package func endCalls(by end: ContinuousClock.Instant) {
        callsEnd = Moment(end)
        callsEndTimer?.set(end)
    }

    private func cutCalls() {
        longCalls.cut()
        tell(shared.admission.withLock { $0.refuseAll() })
    }

    /// Sends what was put off, as far as that can be done in time; to be called when no beats come any more.
    package func drain(until deadline: ContinuousClock.Instant) async {
        let now = Moment.now
        callsEnd = Moment(deadline)
        for shard in shared.shards {
            for key in shard.table.withLock({ $0.unsent }) { look(at: key, now: now, isLastChance: true) }
        }
        while jobs > 0, ContinuousClock.now < deadline { await jobEnded.wait(until: deadline) }
        if jobs > 0 { observe(.lost(jobs)) }
        for alarm in alarms.values { alarm.cancel() }
        alarms = [:]
        turns?.cancel()
        callsEndTimer?.cancel()
        jobEnded.cancel()
    }

    // MARK: What waits

    /// On this loop nothing else runs until its task waits.
    private func announce(_ waiter: TaskFlow.Waiter) {
        post.assumeIsolated { $0.announce(waiter.number) }
    }

    private func wait(_ waiter: TaskFlow.Waiter, _ beat: Beat, _ key: FlowTable.Key) async -> Relay {
        let timer = LoopTimer(on: loop) { [weak self] in self?.giveUp(waiter, key) }
        let relay = await Suspension<Relay>.wait { suspension in
            post.assumeIsolated { $0.wait(waiter.number, suspension) }
            timer.set(beat.deadline)
        }
        timer.cancel()
        if case .success = relay.outcome, relay.attempts == 0, relay.age == nil { observe(.joined) }
        return relay
    }

    /// Its deadline has passed; the call goes on for the others.
    private func giveUp(_ waiter: TaskFlow.Waiter, _ key: FlowTable.Key) {
        let relay: Relay
        switch shared.table(of: key, { $0.leave(waiter, key, at: .now) }) {
        case .due: return
        case .underWay(let isSent): relay = Relay(outcome: .failure(.timeout), attempts: isSent ? 1 : 0)
        case .unsent:
            // Not sent for want of a place is not the same as sent without an answer.
            let wait = shared.admission.withLock { $0.wait(wasThrottled: true, at: .now) } ?? .zero
            relay =
                wait > .zero
                ? Relay(outcome: .failure(.rateUsedUp), attempts: 0, retryAfter: wait)
                : Relay(outcome: .failure(.timeout), attempts: 0)
        }
        post.assumeIsolated { $0.deliver([.answer(waiter: waiter.number, relay)]) }
    }

    /// Does what a change of the table asks for.
    func act(_ consequences: FlowTable.Consequences, _ key: FlowTable.Key) {
        if let time = consequences.time {
            let alarm = alarms[key] ?? LoopTimer(on: loop) { [weak self] in self?.alarmWentOff(key) }
            alarms[key] = alarm
            alarm.set(time.instant)
        }
        guard consequences.drives else { return }
        jobs += 1
        loop.spawn { [self] in
            await makeGroupCall(key)
            jobs -= 1
            jobEnded.signal()
        }
    }

    private func alarmWentOff(_ key: FlowTable.Key) {
        alarms.removeValue(forKey: key)?.cancel()
        look(at: key, now: .now)
    }

    private func look(at key: FlowTable.Key, now: Moment, isLastChance: Bool = false) {
        let number = post.number
        let consequences = shared.table(of: key) { [shared] table in
            table.timePassed(
                key, on: number, at: now, scarcity: { shared.scarcity(at: now) }, isLastChance: isLastChance)
        }
        act(consequences, key)
    }

    // MARK: Turns

    private static let loopsMax = 64

    /// - Returns: a number that no other turn has.
    func newTurn() -> Int {
        numbers += 1
        return numbers * Self.loopsMax + post.number
    }

    static func loop(ofTurn id: Int) -> Int { id % loopsMax }

    /// Waits for the next turn's time, where somebody waits for his turn.
    func setTurnsTimer(_ time: Moment?) {
        if let time { turns?.set(time.instant) }
    }

    private func takeTurns() {
        let now = Moment.now
        let (taken, next) = shared.admission.withLock { ($0.turns(at: now), $0.nextTurn(at: now)) }
        tell(taken)
        setTurnsTimer(next)
    }

    private func rule(for beat: Beat) -> IntervalRule? {
        beat.heartbeatTimeout.map(IntervalRule.init(heartbeatTimeout:))
            ?? shared.settings.interval.map(IntervalRule.init(interval:))
    }
}
