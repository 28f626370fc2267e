import FlowControl
import Heartbeat

/// Tasks, and all that happens to them from outside: what a run of the model begins with, and what is shrunk.
struct Fleet: CustomStringConvertible {
    struct Task {
        var timeout: Int
        /// Whether its worker says the timeout.
        var saysTimeout: Bool
        var caller: String
        /// Whether SWF never answers its calls.
        var isSilent = false
    }

    enum Event: CustomStringConvertible {
        case beat(task: Int)
        case cancel(task: Int)
        case outage(seconds: Int, isSilent: Bool)

        var description: String {
            switch self {
            case .beat(let task): "task \(task) beats"
            case .cancel(let task): "task \(task) is cancelled"
            case .outage(let seconds, let isSilent): "SWF \(isSilent ? "is silent" : "fails") for \(seconds) s"
            }
        }
    }

    /// Timeouts in seconds.
    var tasks: [Task]
    /// In their order; times in milliseconds.
    var events: [(at: Int, event: Event)]
    /// SWF's.
    var limit: RateLimit
    var rule: AccountRate.Rule
    /// The operator's, in milliseconds, of tasks whose workers say nothing.
    var interval: Int? = nil
    /// To SWF, at once.
    var callsMax = 256
    /// How many seconds callers are ready to wait.
    var wait = 6
    /// Whether workers who are told to come back send no other beat before.
    var isPatient = false
    /// Of what chance decides in the run.
    var seed: UInt64

    /// How old a status may be that a beat of a task is answered with; nil: it is to be SWF's own.
    func ageMax(ofTask task: Int) -> Duration? {
        tasks[task].saysTimeout ? .seconds(tasks[task].timeout) * 4 / 5 : interval.map { .milliseconds($0) }
    }

    /// How much later than a beat its details may be sent.
    func delayMax(ofTask task: Int) -> Duration {
        tasks[task].saysTimeout ? .seconds(tasks[task].timeout) / 2 : .milliseconds(interval ?? 0)
    }

    var description: String {
        var lines = ["SWF takes \(limit), the service knows \(rule), seed \(seed)"]
        lines.append("callers wait \(wait) s\(isPatient ? ", and come back when they are told to" : "")")
        if let interval { lines.append("beats nearer than \(interval) ms need no relay") }
        let used = Set(events.compactMap { if case .beat(let task) = $0.event { task } else { nil } })
        for task in used.sorted() {
            let said = tasks[task].saysTimeout ? "said" : "not said"
            lines.append("task \(task): timeout \(tasks[task].timeout) s, \(said), caller \(tasks[task].caller)")
        }
        lines += events.map { "\($0.at) ms: \($0.event)" }
        return lines.joined(separator: "\n")
    }
}

extension Fleet {
    struct Shape {
        var tasks = 300
        var timeouts = 2...60
        /// The chance that a worker says its task's timeout.
        var saying = 0.5
        /// Between two beats, as a share of the timeout.
        var gaps = 0.02...0.95
        var seconds = 120
        /// Over which the tasks begin.
        var rampSeconds = 10
        var cancelled = 0.2
        var outages = 0
        var outageSeconds = 1...8
        var callers = 3
        var limit = RateLimit(rate: 1_000_000, burst: 1_000_000)
        var rule = AccountRate.Rule.unlimited
        var interval: Int?
        var wait = 6
        var isPatient = false
    }

    /// A fleet by chance.
    init(_ shape: Shape, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        tasks = (0..<shape.tasks).map { _ in
            Task(
                timeout: .random(in: shape.timeouts, using: &random),
                saysTimeout: .random(in: 0..<1, using: &random) < shape.saying,
                caller: "caller-\(Int.random(in: 0..<shape.callers, using: &random))")
        }
        var events: [(at: Int, event: Event)] = []
        for (number, task) in tasks.enumerated() {
            var time = Double.random(in: 0..<Double(shape.rampSeconds * 1000), using: &random)
            let end = Double.random(in: 0.5...1, using: &random) * Double(shape.seconds * 1000)
            while time < end {
                events.append((Int(time), .beat(task: number)))
                time += Double.random(in: shape.gaps, using: &random) * Double(task.timeout * 1000)
                // Some send several at once.
                if Int.random(in: 0..<20, using: &random) == 0 { events.append((Int(time), .beat(task: number))) }
            }
            if .random(in: 0..<1, using: &random) < shape.cancelled {
                events.append((.random(in: 0..<shape.seconds * 1000, using: &random), .cancel(task: number)))
            }
        }
        for _ in 0..<shape.outages {
            let outage = Event.outage(
                seconds: .random(in: shape.outageSeconds, using: &random), isSilent: .random(using: &random))
            events.append((.random(in: 0..<shape.seconds * 1000, using: &random), outage))
        }
        self.events = events.sorted { $0.at < $1.at }
        limit = shape.limit
        rule = shape.rule
        interval = shape.interval
        wait = shape.wait
        isPatient = shape.isPatient
        self.seed = seed
    }
}

extension Fleet {
    /// The fewest events with which it still fails (delta debugging, Zeller and Hildebrandt, 2002).
    func shrunk(runsMax: Int = 300, fails: (Fleet) -> Bool) -> Fleet {
        var smallest = self
        var size = max(1, events.count / 2)
        var runs = 0
        while size >= 1, runs < runsMax {
            var start = 0
            var hasShrunk = false
            while start < smallest.events.count, runs < runsMax {
                var candidate = smallest
                candidate.events.removeSubrange(start..<min(start + size, smallest.events.count))
                runs += 1
                if !candidate.events.isEmpty, fails(candidate) {
                    smallest = candidate
                    hasShrunk = true
                } else {
                    start += size
                }
            }
            if size > 1 { size /= 2 } else if !hasShrunk { break }
        }
        return smallest
    }
}
