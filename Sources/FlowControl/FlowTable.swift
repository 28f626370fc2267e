package import Heartbeat

/// The tasks that have a call under way, or of which something is known. One of several: tasks are spread over them.
package struct FlowTable: Sendable {
    /// A task, with the token that its calls take.
    package struct Key: Hashable, Sendable {
        package let hash: TaskHash
        package let token: TaskToken

        package init(_ token: TaskToken, hash: TaskHash) {
            self.token = token
            self.hash = hash
        }

        package static func == (left: Key, right: Key) -> Bool { left.hash == right.hash }

        package func hash(into hasher: inout Hasher) { hasher.combine(hash) }
    }

    /// What a change asks of whoever made it.
    package struct Consequences: Sendable, Equatable {
        /// To see to it that the task's call is made.
        package var drives = false
        /// When to call `timePassed`, on the same loop; nil: nothing is new.
        package var time: Moment?
    }

    private struct Entry: Sendable {
        var flow = TaskFlow()
        /// Which loop calls `timePassed`, and when.
        var alarm: (loop: Int, time: Moment)?

        /// - Returns: a new alarm's time, if one is needed.
        mutating func setAlarm(on loop: Int, scarcity: () -> Double) -> Moment? {
            guard flow.hasTime, let time = flow.nextTime(scarcity: scarcity()), alarm.map({ time < $0.time }) ?? true
            else { return nil }
            alarm = (loop, time)
            return time
        }
    }

    private let tasksMax: Int
    private var entries: [Key: Entry] = [:]
    /// Calls that single beats make for themselves: of most tasks nothing else need be known. They have no entry until
    /// another beat joins in. So few that to look through them takes less time than to look one up.
    private var alone: [(key: Key, begunAt: Moment)] = []
    /// Tasks that have no entry any more since no beat comes: they are over, or their workers are.
    private var absent = AbsentTasks()

    /// - Parameter tasksMax: beyond it, beats of other tasks are all relayed.
    package init(tasksMax: Int) {
        self.tasksMax = tasksMax
    }

    package var count: Int { entries.count + alone.count }

    /// Tasks that were silent for longer than their timeout, the last ones to become so, in no order.
    package var absences: [(task: TaskHash, absence: Absence)] { absent.all }

    package subscript(key: Key) -> TaskFlow? { entries[key]?.flow }

    /// Those that have something unsent.
    package var unsent: [Key] { entries.lazy.filter(\.value.flow.hasKept).map(\.key) }

    /// Lets a beat's call go by itself where nothing is known of its task, and none is under way. For one that asks for
    /// SWF's own answer.
    package mutating func beginAlone(
        _ key: Key, at now: Moment, admit: () -> AdmissionControl.Permit?
    ) -> AdmissionControl.Permit? {
        guard !alone.contains(where: { $0.key == key }), entries.isEmpty || entries[key] == nil, let permit = admit()
        else { return nil }
        absent.remove(key)
        alone.append((key, now))
        return permit
    }

    /// - Returns: whether no other beat has joined in; else `ended` is to be told of the call.
    package mutating func endAlone(_ key: Key) -> Bool { takeAlone(key) != nil }

    /// - Returns: when its call began that a beat made for itself; nil: there is none.
    private mutating func takeAlone(_ key: Key) -> Moment? {
        guard let index = alone.firstIndex(where: { $0.key == key }) else { return nil }
        alone.swapAt(index, alone.count - 1)
        return alone.removeLast().begunAt
    }

    /// See `TaskFlow.beat`.
    package mutating func beat(
        _ beat: Beat, _ key: Key, rule: IntervalRule?, from waiter: TaskFlow.Waiter, at now: Moment,
        scarcity: () -> Double, admit: () -> AdmissionControl.Permit?
    ) -> (TaskFlow.Decision, Consequences) {
        let rule = entries.count < tasksMax || entries[key] != nil ? rule : nil
        if let begunAt = takeAlone(key) { entries[key] = Entry(flow: TaskFlow(aloneSince: begunAt)) }
        let knownBefore = entries.count
        let decision = entries[key, default: Entry()].flow.beat(
            beat, rule: rule, from: waiter, at: now, scarcity: scarcity, admit: admit)
        if entries.count > knownBefore { absent.remove(key) }
        switch decision {
        case .call: return (decision, Consequences())
        case .lastKnown, .joined: break
        }
        var consequences = settle(key, on: waiter.loop, scarcity: scarcity)
        if case .joined(true) = decision { consequences.drives = true }
        return (decision, consequences)
    }

    package mutating func leave(_ waiter: TaskFlow.Waiter, _ key: Key, at now: Moment) -> TaskFlow.Overdue {
        entries[key]?.flow.leave(waiter, at: now) ?? .due
    }

    /// See `TaskFlow.groupNeeds`.
    package mutating func groupNeeds(_ key: Key) -> (deadline: Moment, caller: String)? {
        let needs = entries[key]?.flow.groupNeeds()
        if needs == nil { forgetIfIdle(key) }
        return needs
    }

    package mutating func beginGroup(_ key: Key, at now: Moment) -> TaskFlow.Call? {
        let call = entries[key]?.flow.beginGroup(at: now)
        if call == nil { forgetIfIdle(key) }
        return call
    }

    package mutating func refuseGroup(
        _ key: Key, wait: Duration, on loop: Int, at now: Moment, scarcity: () -> Double
    ) -> (refused: [TaskFlow.Waiter], answered: [(TaskFlow.Waiter, TaskFlow.LastKnown)], Consequences) {
        guard let (refused, answered) = entries[key]?.flow.refuseGroup(wait: wait, at: now) else {
            return ([], [], Consequences())
        }
        return (refused, answered, settle(key, on: loop, scarcity: scarcity))
    }

    /// - Returns: also whether the cancellation is asked for, if SWF recorded the heartbeat.
    package mutating func ended(
        _ call: TaskFlow.Call, _ key: Key, _ verdict: TaskFlow.Verdict, on loop: Int, at now: Moment,
        scarcity: () -> Double
    ) -> (cancelRequested: Bool, Consequences) {
        var isRequested = verdict == .recorded(cancelRequested: true)
        var consequences = Consequences()
        guard let index = entries.index(forKey: key) else { return (isRequested, consequences) }
        consequences.drives = entries.values[index].flow.ended(call, verdict, at: now)
        isRequested = isRequested || entries.values[index].flow.cancelRequested
        if entries.values[index].flow.isIdle {
            entries.remove(at: index)
        } else {
            consequences.time = entries.values[index].setAlarm(on: loop, scarcity: scarcity)
        }
        return (isRequested, consequences)
    }

    package mutating func fallBack(
        _ beat: Beat, _ key: Key, on loop: Int, at now: Moment, scarcity: () -> Double
    ) -> (TaskFlow.LastKnown?, Consequences) {
        let known = entries[key]?.flow.fallBack(beat, at: now)
        return (known, settle(key, on: loop, scarcity: scarcity))
    }

    /// - Parameter isLastChance: see `TaskFlow.timePassed`; then no alarm need have gone off.
    package mutating func timePassed(
        _ key: Key, on loop: Int, at now: Moment, scarcity: () -> Double, isLastChance: Bool = false
    ) -> Consequences {
        let isDue = entries[key]?.alarm.map { $0.loop == loop && $0.time <= now } ?? false
        guard isDue || isLastChance else { return Consequences() }
        entries[key]?.alarm = nil
        let absence = entries[key]?.flow.absence(at: now)
        let drives =
            entries[key]?.flow.timePassed(at: now, scarcity: scarcity(), isLastChance: isLastChance) ?? false
        var consequences = settle(key, on: loop, scarcity: scarcity)
        consequences.drives = drives
        if let absence, entries[key] == nil { absent.insert(key, absence) }
        return consequences
    }

    private mutating func forgetIfIdle(_ key: Key) {
        if entries[key]?.flow.isIdle == true { entries[key] = nil }
    }

    /// Forgets a task of which nothing is worth knowing, and sets another's alarm.
    private mutating func settle(_ key: Key, on loop: Int, scarcity: () -> Double) -> Consequences {
        forgetIfIdle(key)
        return Consequences(time: entries[key]?.setAlarm(on: loop, scarcity: scarcity) ?? nil)
    }
}
