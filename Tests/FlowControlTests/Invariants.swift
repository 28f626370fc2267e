import FlowControl
import Heartbeat

/// What must hold of every run.
extension Model {
    /// Latencies, and the milliseconds to which the model's clock is rounded.
    static let slack = Duration.milliseconds(400)

    /// What no outage and no throttling excuses.
    func checkTruth() throws {
        var hasBeenTold: Set<Int> = []
        for (number, beat) in beats.enumerated() {
            guard let answer = beat.answer, let answeredAt = beat.answeredAt else {
                throw Fault(description: "beat \(number) is never answered")
            }
            guard answeredAt - beat.at <= .seconds(fleet.wait) else {
                throw Fault(description: "beat \(number) is answered after its deadline")
            }
            let cancelledAt = swf.tasks[beat.task].cancelledAt
            switch answer {
            case .refused: continue
            case .fresh(true), .lastKnown(true, _):
                guard let cancelledAt, cancelledAt <= answeredAt else {
                    throw Fault(description: "beat \(number) is told of a cancellation that nobody asked for")
                }
                hasBeenTold.insert(beat.task)
                continue
            case .fresh(false):
                if let cancelledAt, cancelledAt < beat.at {
                    throw Fault(description: "beat \(number) is told a status from before it came")
                }
            case .lastKnown(false, let age):
                if let cancelledAt, cancelledAt < answeredAt - age {
                    throw Fault(description: "beat \(number) is told a status older than \(age)")
                }
                guard let ageMax = fleet.ageMax(ofTask: beat.task) else {
                    throw Fault(description: "beat \(number) permits no old status")
                }
                guard age < ageMax else {
                    throw Fault(description: "beat \(number) is told a status of \(age) ago")
                }
            }
            if hasBeenTold.contains(beat.task), answeredAt > beat.at {
                throw Fault(description: "beat \(number) is told that a cancellation is taken back")
            }
        }
    }

    /// The calls, counted by other arithmetic than the bucket's.
    func checkRate() throws {
        var level = Double(fleet.limit.burst)
        var last = Self.epoch
        for (number, time) in sent.enumerated() {
            level = min(Double(fleet.limit.burst), level + (time - last) / .seconds(1) * Double(fleet.limit.rate)) - 1
            last = time
            if level < -0.01 { throw Fault(description: "call \(number) is one too many at \(time - Self.epoch)") }
        }
        guard swf.throttled == 0 || fleet.rule == .learnt else { throw Fault(description: "SWF throttles") }
    }

    /// - Parameter grace: so much of its timeout a task needs to spare for this to count.
    func checkLives(grace: Duration) throws {
        let byTask = Dictionary(grouping: beats, by: \.task)
        // Between two that are no further apart the service may not have come back.
        var outages: [SimulatedSWF.Outage] = []
        for outage in swf.outages.sorted(by: { $0.begin < $1.begin }) {
            if let last = outages.last, outage.begin <= last.end + grace {
                outages[outages.count - 1].end = max(last.end, outage.end)
            } else {
                outages.append(outage)
            }
        }
        for (task, timeout) in fleet.tasks.map({ Duration.seconds($0.timeout) }).enumerated() {
            let own = byTask[task] ?? []
            // Without the service those would have got through. One that is told that the task is over did.
            let heard = own.filter { beat in
                beat.isToldUnknown || !outages.contains { $0.begin - Self.slack <= beat.at && beat.at < $0.end }
            }
            let gaps = zip(heard, heard.dropFirst()).map { $1.at - $0.at }
            let isOftenEnough = own.first?.at == heard.first?.at && (gaps.max() ?? .zero) <= timeout - grace
            if isOftenEnough, swf.tasks[task].isTimedOut, own.contains(where: \.isToldUnknown) {
                throw Fault(description: "task \(task) is timed out, and beat often enough")
            }
        }
    }

    /// The last details that were answered for are SWF's, and so in time.
    /// - Parameter isPunctual: false: they may come later than they should.
    func checkDetails(isPunctual: Bool = true) throws {
        let answered = beats.indices.filter { beats[$0].isAnswered }
        let lastByTask = Dictionary(answered.map { (beats[$0].task, $0) }) { $1 }
        for task in fleet.tasks.indices {
            guard let last = lastByTask[task], !swf.tasks[task].isTimedOut else { continue }
            let state = swf.tasks[task]
            guard let known = state.details.flatMap(Int.init), known >= last, let since = state.detailsAt else {
                throw Fault(description: "the details of beat \(last) of task \(task) never reach SWF")
            }
            if isPunctual, known == last, since - beats[last].at > fleet.delayMax(ofTask: task) + Self.slack {
                throw Fault(
                    description: "the details of beat \(last) of task \(task) come \(since - beats[last].at) late")
            }
        }
    }

    /// Who beats learns of it a relay's interval after SWF knew, and with the beat after that.
    func checkCancellations() throws {
        for (number, beat) in beats.enumerated() {
            guard let cancelledAt = swf.tasks[beat.task].cancelledAt,
                beat.at > cancelledAt + (fleet.ageMax(ofTask: beat.task) ?? .zero) + Self.slack * 2,
                let answer = beat.answer
            else { continue }
            switch answer {
            case .fresh(true), .lastKnown(true, _), .refused: break
            default: throw Fault(description: "beat \(number) is not told of the cancellation")
            }
        }
    }

    func checkRefusals(max: Int) throws {
        let refusals = beats.count { if case .refused = $0.answer { true } else { false } }
        if refusals > max { throw Fault(description: "\(refusals) of \(beats.count) beats are refused") }
    }
}

extension Model.Beat {
    fileprivate var isAnswered: Bool { if case .refused = answer { false } else { true } }

    fileprivate var isToldUnknown: Bool {
        if case .refused(.fault("UnknownResourceFault", _), _) = answer { true } else { false }
    }
}
