import FlowControl
import Heartbeat
import TestSupport

/// The rules in a shell without threads or sockets, on a clock that only the events move.
struct Model {
    /// What may be wrong with a run.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    enum Answer: Equatable {
        case fresh(cancelRequested: Bool)
        case lastKnown(cancelRequested: Bool, age: Duration)
        case refused(UpstreamFailure, wait: Duration)
    }

    /// A beat until it is answered, and after.
    struct Beat {
        let task: Int
        let at: Moment
        var answer: Answer?
        var answeredAt: Moment?
    }

    private enum Step {
        case event(Fleet.Event)
        case alarm(loop: Int, FlowTable.Key)
        case turns
        case arrive(Int)
        case end(Int, SimulatedSWF.Answer)
        case deadline(Int)
    }

    /// Steps by time, those of one time in the order in which they came: a binary heap. It is most of what a run does,
    /// and not generic for that, as nothing specialises it in a debug build.
    private struct Agenda {
        private final class Entry {
            let time: Moment
            let order: Int
            let step: Step

            init(_ time: Moment, _ order: Int, _ step: Step) {
                (self.time, self.order, self.step) = (time, order, step)
            }

            func isBefore(_ other: Entry) -> Bool { time == other.time ? order < other.order : time < other.time }
        }

        private var entries: [Entry] = []
        private var pushed = 0

        mutating func push(_ step: Step, at time: Moment) {
            pushed += 1
            entries.append(Entry(time, pushed, step))
            var child = entries.count - 1
            while child > 0, entries[child].isBefore(entries[(child - 1) / 2]) {
                entries.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        }

        mutating func pop() -> (Moment, Step)? {
            guard let first = entries.first else { return nil }
            let last = entries.removeLast()
            guard !entries.isEmpty else { return (first.time, first.step) }
            entries[0] = last
            var parent = 0
            while 2 * parent + 1 < entries.count {
                var child = 2 * parent + 1
                if child + 1 < entries.count, entries[child + 1].isBefore(entries[child]) { child += 1 }
                guard entries[child].isBefore(entries[parent]) else { break }
                entries.swapAt(child, parent)
                parent = child
            }
            return (first.time, first.step)
        }
    }

    private struct Call {
        let call: TaskFlow.Call
        let permit: AdmissionControl.Permit
        let key: FlowTable.Key
        let task: Int
        /// nil: those of the group.
        let beat: Int?
        /// Whether the table knew no more of it than that it was under way.
        let isAlone: Bool
    }

    static let epoch = Moment.now
    private static let loops = 3
    private static let wayMax = 80
    /// Of a call that SWF answers.
    static let latencyMax = Duration.milliseconds(2 * wayMax)

    let fleet: Fleet
    private(set) var swf: SimulatedSWF
    private(set) var beats: [Beat] = []
    /// When calls were sent.
    private(set) var sent: [Moment] = []
    private var random: SplitMix64
    private var now = Model.epoch
    private var steps = Agenda()
    private var table = FlowTable(tasksMax: 100_000)
    private var admission: AdmissionControl
    private var calls: [Int: Call] = [:]
    private var queued: [Int: FlowTable.Key] = [:]
    private var alarms: [Int: [FlowTable.Key: Moment]] = [:]
    private var turnsAt: Moment?
    private var numbers = 0
    /// When workers come back who were told to.
    private var returns: [Int: Moment] = [:]

    init(_ fleet: Fleet) {
        self.fleet = fleet
        random = SplitMix64(seed: fleet.seed)
        swf = SimulatedSWF(timeouts: fleet.tasks.map { .seconds($0.timeout) }, limit: fleet.limit, now: Self.epoch)
        var rules = AdmissionControl.Rules()
        rules.rate = fleet.rule
        rules.callsMax = fleet.callsMax
        admission = AdmissionControl(rules, now: Self.epoch)
        for (at, event) in fleet.events {
            let time = Self.epoch + .milliseconds(at)
            if case .outage(let seconds, let isSilent) = event {
                swf.outages.append(.init(begin: time, end: time + .seconds(seconds), isSilent: isSilent))
            } else {
                steps.push(.event(event), at: time)
            }
        }
    }

    /// Runs until nothing is left to happen.
    mutating func run() throws {
        while let (time, step) = steps.pop() {
            now = time
            try take(step)
        }
        guard table.count == 0 else { throw Fault(description: "\(table.count) tasks are never forgotten") }
        guard queued.isEmpty, calls.isEmpty, admission.queued == 0 else {
            throw Fault(description: "calls are never made, or never end")
        }
    }

    private mutating func take(_ step: Step) throws {
        switch step {
        case .event(.beat(let task)): try beat(task)
        case .event(.cancel(let task)): swf.cancel(task, at: now)
        case .event(.outage): break
        case .alarm(let loop, let key):
            guard alarms[loop]?[key] == now else { return }
            alarms[loop]?[key] = nil
            let at = now
            let scarcity = admission.rate.scarcity(at: now)
            try act(table.timePassed(key, on: loop, at: at, scarcity: { scarcity }), key, loop)
        case .turns:
            guard turnsAt == now else { return }
            turnsAt = nil
            try takeTurns()
        case .arrive(let number): arrive(number)
        case .end(let number, let answer): try end(number, answer)
        case .deadline(let beat):
            guard beats[beat].answer == nil else { return }
            switch table.leave(waiter(of: beat), key(of: beats[beat].task), at: now) {
            case .due: break
            case .unsent, .underWay: answer(beat, .refused(.timeout, wait: .seconds(1)))
            }
        }
    }

    // MARK: What the service does

    private mutating func beat(_ task: Int) throws {
        if fleet.isPatient, let time = returns[task], now < time { return }
        swf.begin(task, at: now)
        let number = beats.count
        beats.append(Beat(task: task, at: now))
        let key = key(of: task)
        let beat = Heartbeat.Beat(
            taskToken: key.token, taskHash: key.hash, details: "\(number)",
            deadline: (now + .seconds(fleet.wait)).instant,
            heartbeatTimeout: fleet.tasks[task].saysTimeout ? .seconds(fleet.tasks[task].timeout) : nil,
            caller: Caller(name: fleet.tasks[task].caller, authentication: .apiKey))
        let rule =
            beat.heartbeatTimeout.map(IntervalRule.init(heartbeatTimeout:))
            ?? fleet.interval.map { IntervalRule(interval: .milliseconds($0)) }
        let (at, scarcity) = (now, admission.rate.scarcity(at: now))
        var admission = admission
        let permit =
            rule == nil ? table.beginAlone(key, at: now) { admission.tryAdmit(beat.caller?.name ?? "", at: at) } : nil
        if let permit {
            self.admission = admission
            let call = TaskFlow.Call(of: beat, aloneSince: now)
            return send(call, permit, key, task, beat: number, isAlone: true)
        }
        let (decision, consequences) = table.beat(
            beat, key, rule: rule, from: waiter(of: number), at: now, scarcity: { scarcity },
            admit: { admission.tryAdmit(beat.caller?.name ?? "", at: at) })
        self.admission = admission
        switch decision {
        case .lastKnown(let known):
            answer(number, .lastKnown(cancelRequested: known.cancelRequested, age: known.age))
        case .call(let call, let permit): send(call, permit, key, task, beat: number)
        case .joined: steps.push(.deadline(number), at: now + .seconds(fleet.wait))
        }
        try act(consequences, key, number % Self.loops)
    }

    private mutating func act(_ consequences: FlowTable.Consequences, _ key: FlowTable.Key, _ loop: Int) throws {
        if let time = consequences.time {
            alarms[loop, default: [:]][key] = max(time, now)
            steps.push(.alarm(loop: loop, key), at: max(time, now))
        }
        if consequences.drives { try drive(key) }
    }

    private mutating func drive(_ key: FlowTable.Key) throws {
        guard let (deadline, caller) = table.groupNeeds(key) else { return }
        numbers += 1
        let silence = table[key]?.silence(at: now) ?? Silence(unknownAt: now)
        let entry = AdmissionQueue.Entry(id: numbers, caller: caller, silence: silence, deadline: deadline)
        switch admission.request(entry, at: now) {
        case .admitted(let permit): try begin(key, permit)
        case .refused(let refusal): try refuse(key, refusal)
        case .queued:
            queued[numbers] = key
            setTurns()
        }
    }

    private mutating func begin(_ key: FlowTable.Key, _ permit: AdmissionControl.Permit) throws {
        if let call = table.beginGroup(key, at: now) {
            send(call, permit, key, task(of: key), beat: nil)
        } else {
            admission.ended(permit, .nothing, at: now)
        }
    }

    private mutating func refuse(_ key: FlowTable.Key, _ refusal: AdmissionControl.Refusal) throws {
        let scarcity = admission.rate.scarcity(at: now)
        let (refused, answered, consequences) = table.refuseGroup(
            key, wait: refusal.wait, on: 0, at: now, scarcity: { scarcity })
        for waiter in refused { answer(waiter.number, .refused(UpstreamFailure(refusal.reason), wait: refusal.wait)) }
        for (waiter, known) in answered {
            answer(waiter.number, .lastKnown(cancelRequested: known.cancelRequested, age: known.age))
        }
        try act(consequences, key, 0)
    }

    private mutating func takeTurns() throws {
        for turn in admission.turns(at: now) {
            guard let key = queued.removeValue(forKey: turn.id) else { continue }
            switch turn.result {
            case .success(let permit): try begin(key, permit)
            case .failure(let refusal): try refuse(key, refusal)
            }
        }
        setTurns()
    }

    private mutating func setTurns() {
        guard let time = admission.nextTurn(at: now) else { return }
        turnsAt = max(time, now)
        steps.push(.turns, at: max(time, now))
    }

    private mutating func send(
        _ call: TaskFlow.Call, _ permit: AdmissionControl.Permit, _ key: FlowTable.Key, _ task: Int, beat: Int?,
        isAlone: Bool = false
    ) {
        numbers += 1
        sent.append(now)
        calls[numbers] = Call(call: call, permit: permit, key: key, task: task, beat: beat, isAlone: isAlone)
        steps.push(.end(numbers, .nothing), at: max(call.deadline, now))
        steps.push(.arrive(numbers), at: now + .milliseconds(Int.random(in: 1...Self.wayMax, using: &random)))
    }

    private mutating func arrive(_ number: Int) {
        guard let call = calls[number] else { return }
        if fleet.tasks[call.task].isSilent { return }
        let answer = swf.heartbeat(call.task, details: call.call.details, at: now)
        if answer == .nothing { return }
        steps.push(.end(number, answer), at: now + .milliseconds(Int.random(in: 1...Self.wayMax, using: &random)))
    }

    private mutating func end(_ number: Int, _ swfAnswer: SimulatedSWF.Answer) throws {
        guard let call = calls.removeValue(forKey: number) else { return }
        let failure = swfAnswer.failure
        admission.ended(
            call.permit, failure?.verdict(task: call.key.hash) ?? .answered,
            wasThrottled: failure?.isThrottling ?? false,
            at: now)
        let scarcity = admission.rate.scarcity(at: now)
        var cancelRequested = swfAnswer == .recorded(cancelRequested: true)
        var consequences: FlowTable.Consequences?
        if !call.isAlone || !table.endAlone(call.key) {
            (cancelRequested, consequences) = table.ended(
                call.call, call.key, swfAnswer.verdict, on: number % Self.loops, at: now, scarcity: { scarcity })
        }
        let members = call.beat.map { [$0] } ?? call.call.members.map(\.waiter.number)
        for beat in members {
            guard beats[beat].at <= call.call.begunAt else {
                throw Fault(description: "beat \(beat) is answered by a call that began before it came")
            }
            if let failure {
                try fallBack(beat, failure, call.key)
            } else {
                answer(beat, .fresh(cancelRequested: cancelRequested))
            }
        }
        if let consequences { try act(consequences, call.key, number % Self.loops) }
        try takeTurns()
    }

    private mutating func fallBack(_ beat: Int, _ failure: UpstreamFailure, _ key: FlowTable.Key) throws {
        let wait = admission.wait(wasThrottled: failure.isThrottling, at: now) ?? .seconds(1)
        let refusal = Answer.refused(failure, wait: wait)
        guard failure.isThrottling, beats[beat].answer == nil else { return answer(beat, refusal) }
        let scarcity = admission.rate.scarcity(at: now)
        let task = fleet.tasks[beats[beat].task]
        let again = Heartbeat.Beat(
            taskToken: key.token, taskHash: key.hash, details: "\(beat)", deadline: now.instant,
            heartbeatTimeout: task.saysTimeout ? .seconds(task.timeout) : nil,
            caller: Caller(name: task.caller, authentication: .apiKey))
        let (known, consequences) = table.fallBack(again, key, on: 0, at: now, scarcity: { scarcity })
        answer(beat, known.map { .lastKnown(cancelRequested: $0.cancelRequested, age: $0.age) } ?? refusal)
        try act(consequences, key, 0)
    }

    private mutating func answer(_ beat: Int, _ answer: Answer) {
        guard beats[beat].answer == nil else { return }
        beats[beat].answer = answer
        beats[beat].answeredAt = now
        if fleet.tasks[beats[beat].task].isSilent { return }
        // Whoever is told to come again does so, in whole seconds.
        if case .refused(let failure, let wait) = answer,
            failure.verdict(task: TaskHash(of: "")) != .answered || failure.isThrottling
        {
            let again = Fleet.Event.beat(task: beats[beat].task)
            let time = now + .seconds(RetryAfter.seconds(wait, random: random.next()))
            returns[beats[beat].task] = time
            steps.push(.event(again), at: time)
        }
    }

    private func key(of task: Int) -> FlowTable.Key {
        FlowTable.Key(TaskToken(secret: "\(task)"), hash: TaskHash(of: "\(task)"))
    }
    private func task(of key: FlowTable.Key) -> Int { Int(key.token.secret) ?? -1 }
    private func waiter(of beat: Int) -> TaskFlow.Waiter { TaskFlow.Waiter(loop: beat % Self.loops, number: beat) }
}

extension SimulatedSWF.Answer {
    fileprivate var failure: UpstreamFailure? {
        switch self {
        case .recorded: nil
        case .unknown: .fault(type: "UnknownResourceFault", status: 400)
        case .throttled: .fault(type: "ThrottlingException", status: 400)
        case .failed: .fault(type: "InternalFailure", status: 500)
        case .nothing: .timeout
        }
    }

    fileprivate var verdict: TaskFlow.Verdict {
        switch self {
        case .recorded(let cancelRequested): .recorded(cancelRequested: cancelRequested)
        case .unknown: .gone
        case .throttled, .failed, .nothing: .failed(wait: .zero)
        }
    }
}
