internal import EventLoop
internal import FlowControl
internal import Heartbeat
internal import Synchronization

/// Calls to SWF: admitted, made, and what came of them told to all who wait.
extension RelayService {
    /// Sees to it that a call is made for those that wait for one together, or for what was put off.
    func makeGroupCall(_ key: FlowTable.Key) async {
        while let (deadline, caller) = shared.table(of: key, { $0.groupNeeds(key) }) {
            switch await admission(of: key, caller: caller, deadline: deadline) {
            case .success(let permit):
                guard let call = shared.table(of: key, { $0.beginGroup(key, at: .now) }) else {
                    return release(permit, .nothing)
                }
                _ = await make(call, key, permit, caller: caller)
                return
            case .failure(let refusal):
                // Somebody who is ready to wait for longer may have come meanwhile.
                let latest = shared.table(of: key) { $0.groupNeeds(key)?.deadline } ?? deadline
                let isLast = latest <= deadline || callsEnd != nil
                if refusal.reason == .circuit || isLast { return refuse(key, refusal) }
            }
        }
    }

    /// - Returns: nil: it may not go now, or not by itself.
    func beginAlone(_ beat: Beat, _ key: FlowTable.Key, at now: Moment) -> AdmissionControl.Permit? {
        shared.table(of: key) { [shared] table in
            table.beginAlone(key, at: now) { shared.admission.withLock { $0.tryAdmit(beat.callerName, at: now) } }
        }
    }

    /// - Returns: what came of it, for a heartbeat that makes its own call.
    func make(
        _ call: TaskFlow.Call, _ key: FlowTable.Key, _ permit: AdmissionControl.Permit, caller: String
    ) async -> Relay {
        let relay = await self.call(key, call.details, deadline: call.deadline, at: .now, permit, caller: caller)
        return await finish(call, relay, key)
    }

    /// Calls SWF, no longer than calls may go on.
    func call(
        _ key: FlowTable.Key, _ details: String?, deadline: Moment, at now: Moment, _ permit: AdmissionControl.Permit,
        caller: String
    ) async -> Relay {
        let deadline = min(deadline, callsEnd ?? deadline)
        let admission = CallAdmission(self, key, caller: caller, deadline: deadline, permit: permit)
        defer { admission.end() }
        if callsEnd == nil, deadline.nanoseconds(since: now) > callGrace {
            return await longCalls.run(admission) { [upstream] in
                await upstream.recordHeartbeat(
                    taskToken: key.token, details: details, deadline: deadline.instant, admission: admission)
            }
        }
        return await upstream.recordHeartbeat(
            taskToken: key.token, details: details, deadline: deadline.instant, admission: admission)
    }

    /// Tells all who wait for it what came of a call.
    func finish(_ call: TaskFlow.Call, _ relay: Relay, _ key: FlowTable.Key) async -> Relay {
        var relay = completed(relay)
        let now = Moment.now
        let (cancelRequested, consequences) = shared.table(of: key) { [shared, relay, number = post.number] table in
            table.ended(
                call, key, TaskFlow.Verdict(relay), on: number, at: now, scarcity: { shared.scarcity(at: now) })
        }
        if case .success = relay.outcome { relay.outcome = .success(cancelRequested) }
        act(consequences, key)
        answer(call.members, relay, key)
        if let beat = call.flushed { await tellFlushed((beat, relay, call.begunAt)) }
        return relay
    }

    /// What a beat is answered instead of that it was throttled, where it may be.
    func fallBack(_ relay: Relay, _ beat: Beat, _ key: FlowTable.Key) -> Relay? {
        guard case .failure(let failure) = relay.outcome, failure.isThrottling else { return nil }
        let now = Moment.now
        let (known, consequences) = shared.table(of: key) { [shared, number = post.number] table in
            table.fallBack(beat, key, on: number, at: now, scarcity: { shared.scarcity(at: now) })
        }
        act(consequences, key)
        if known != nil { observe(.lastKnown) }
        return known.map { known in
            var answer = Relay(known)
            answer.attempts = relay.attempts
            return answer
        }
    }

    // MARK: Admission

    /// Waits until a call may be sent.
    func admission(
        of key: FlowTable.Key, caller: String, deadline: Moment
    ) async -> Post.Admission {
        let id = newTurn()
        let silence = shared.table(of: key) { $0[key]?.silence(at: .now) } ?? Silence(unknownAt: .now)
        let entry = AdmissionQueue.Entry(
            id: id, caller: caller, silence: silence, deadline: min(deadline, callsEnd ?? deadline))
        let admission = await Suspension<Post.Admission>.wait { suspension in
            let now = Moment.now
            let (answer, next) = shared.admission.withLock { ($0.request(entry, at: now), $0.nextTurn(at: now)) }
            switch answer {
            case .admitted(let permit): suspension.resume(returning: .success(permit))
            case .refused(let refusal): suspension.resume(returning: .failure(refusal))
            case .queued:
                post.assumeIsolated { $0.wait(forTurn: id, suspension) }
                setTurnsTimer(next)
            }
        }
        if case .failure(let refusal) = admission { observe(.refused(refusal.reason)) }
        return admission
    }

    /// An attempt has ended.
    func release(
        _ permit: AdmissionControl.Permit, _ verdict: CircuitBreaker.Verdict, wasThrottled: Bool = false
    ) {
        let now = Moment.now
        let (turns, next) = shared.admission.withLock { admission in
            admission.ended(permit, verdict, wasThrottled: wasThrottled, at: now)
            return (admission.turns(at: now), admission.nextTurn(at: now))
        }
        tell(turns)
        setTurnsTimer(next)
    }

    // MARK: Telling

    func tell(_ turns: [AdmissionControl.Turn]) {
        if turns.isEmpty { return }
        deliver(turns.map { (Self.loop(ofTurn: $0.id), .turn($0)) })
    }

    private func refuse(_ key: FlowTable.Key, _ refusal: AdmissionControl.Refusal) {
        let now = Moment.now
        let (refused, answered, consequences) = shared.table(of: key) { [shared, number = post.number] table in
            table.refuseGroup(
                key, wait: refusal.wait, on: number, at: now, scarcity: { shared.scarcity(at: now) })
        }
        act(consequences, key)
        for _ in answered { observe(.lastKnown) }
        let relay = Relay(
            outcome: .failure(UpstreamFailure(refusal.reason)), attempts: 0, retryAfter: refusal.wait)
        deliver(
            refused.map { ($0.loop, .answer(waiter: $0.number, relay)) }
                + answered.map { ($0.loop, .answer(waiter: $0.number, Relay($1))) })
    }

    /// The last one's beat is the one that was sent.
    private func answer(_ members: [TaskFlow.Member], _ relay: Relay, _ key: FlowTable.Key) {
        var letters: [(loop: Int, letter: Post.Letter)] = []
        for (index, member) in members.enumerated() {
            var own = relay
            if index < members.count - 1 { own.attempts = 0 }
            own = fallBack(own, member.beat, key) ?? own
            letters.append((member.waiter.loop, .answer(waiter: member.waiter.number, own)))
        }
        deliver(letters)
    }

    private func deliver(_ letters: [(loop: Int, letter: Post.Letter)]) {
        if letters.isEmpty { return }
        for (number, letters) in Dictionary(grouping: letters, by: \.loop) {
            let letters = letters.map(\.letter)
            if number == post.number {
                post.assumeIsolated { $0.deliver(letters) }
            } else {
                let other = shared.post(number)
                loop.spawn { await other.deliver(letters) }
            }
        }
    }

    private func tellFlushed(_ flush: Flush) async {
        switch flush.relay.outcome {
        case .success: observe(.flushed)
        case .failure(let failure): observe(.flushFailed(failure))
        }
        await flushed(flush)
    }

    /// - Returns: a failure with how long the caller is to wait, where that is known here.
    func completed(_ relay: Relay) -> Relay {
        guard case .failure(let failure) = relay.outcome else { return relay }
        var relay = relay
        let own = shared.admission.withLock { $0.wait(wasThrottled: failure.isThrottling, at: .now) }
        relay.retryAfter = [relay.retryAfter, own].compactMap(\.self).filter { $0 > .zero }.max()
        return relay
    }
}

extension Relay {
    init(_ known: TaskFlow.LastKnown) {
        self.init(outcome: .success(known.cancelRequested), attempts: 0, age: known.age)
    }
}

extension TaskFlow.Verdict {
    init(_ relay: Relay) {
        self =
            switch relay.outcome {
            case .success(let cancelRequested): .recorded(cancelRequested: cancelRequested)
            case .failure(let failure) where ErrorCode(failure) == .unknownTask: .gone
            case .failure: .failed(wait: relay.retryAfter ?? .zero)
            }
    }
}

extension Beat {
    /// Rows have callers' names; without one, all are one.
    var callerName: String { caller?.name ?? "" }
}
