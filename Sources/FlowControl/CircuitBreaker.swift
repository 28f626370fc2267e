package import Heartbeat

/// Stops calling a service that fails time after time, and feels its way back.
///
/// Closed, all calls go. After `Rules.failuresMax` failures without an answer among them it opens: nothing goes but
/// single probes, at growing intervals. A probe that is answered half-opens it: as many calls may be under way as a
/// window allows, which each answer widens by one, so that it doubles each round trip; a failure opens it again.
package struct CircuitBreaker: Sendable {
    package struct Rules: Sendable {
        /// In a row.
        package var failuresMax = 10
        package var probeIntervalMin = Duration.seconds(1)
        /// Short: while the circuit is open, tasks come nearer to their timeouts.
        package var probeIntervalMax = Duration.seconds(5)
        package var windowMin = 2
        /// From here on it is closed.
        package var windowMax = 32

        package init() {}
    }

    package enum State: Sendable, Equatable {
        case closed
        case open(nextProbe: Moment)
        case halfOpen(window: Int)
    }

    package enum Pass: Sendable, Equatable {
        case call
        case probe
        /// When others have ended.
        case wait
        case refused(until: Moment)
    }

    /// What an attempt says of the service.
    package enum Verdict: Sendable, Equatable {
        /// Whatever the answer: throttling and faults about the task or the call are answers too.
        case answered
        case failed
        /// Nothing came in time. A token that matches nothing has been seen to hang, so one task counts only once.
        case timedOut(task: TaskHash)
        /// The attempt was not made.
        case nothing
    }

    /// What an attempt was let through as.
    package struct Ticket: Sendable, Equatable {
        fileprivate let isProbe: Bool
        fileprivate let era: Int
    }

    private let rules: Rules
    package private(set) var state = State.closed
    /// Counts the state's changes: what was let through before one is no part of what comes after it.
    private var era = 0
    /// Calls of this era that are under way.
    private var underWay = 0
    private var failures = 0
    private var silentTasks: Set<TaskHash> = []
    private var probeInterval: Duration

    package init(_ rules: Rules = Rules()) {
        self.rules = rules
        probeInterval = rules.probeIntervalMin
    }

    package func look(at now: Moment) -> Pass {
        switch state {
        case .closed: .call
        case .halfOpen(let window): underWay < window ? .call : .wait
        case .open(let nextProbe): now >= nextProbe ? .probe : .refused(until: nextProbe)
        }
    }

    /// To be called where a call goes that `look` lets through; `ended` is then to be told what came of it.
    package mutating func enter(at now: Moment) -> Ticket {
        let isProbe = look(at: now) == .probe
        // A probe may hang: the next one does not wait for it.
        if isProbe { state = .open(nextProbe: now + probeInterval) }
        underWay += 1
        return Ticket(isProbe: isProbe, era: era)
    }

    package mutating func ended(_ verdict: Verdict, _ ticket: Ticket, at now: Moment) {
        // It tells of another time.
        guard ticket.era == era else { return }
        underWay -= 1
        switch (state, verdict) {
        case (_, .nothing): break
        case (.open, .answered): if ticket.isProbe { change(to: .halfOpen(window: rules.windowMin)) }
        case (.open, .failed), (.open, .timedOut): if ticket.isProbe { open(at: now) }
        case (.halfOpen(let window), .answered):
            if window < rules.windowMax {
                state = .halfOpen(window: window + 1)
            } else {
                change(to: .closed)
                succeeded()
            }
        case (.halfOpen, .failed), (.halfOpen, .timedOut): open(at: now)
        case (.closed, .answered): succeeded()
        case (.closed, .failed): fail(at: now)
        case (.closed, .timedOut(let task)): if silentTasks.insert(task).inserted { fail(at: now) }
        }
    }

    private mutating func succeeded() {
        failures = 0
        silentTasks = []
        probeInterval = rules.probeIntervalMin
    }

    private mutating func fail(at now: Moment) {
        failures += 1
        if failures >= rules.failuresMax { open(at: now) }
    }

    private mutating func open(at now: Moment) {
        failures = 0
        silentTasks = []
        change(to: .open(nextProbe: now + probeInterval))
        probeInterval = min(probeInterval * 2, rules.probeIntervalMax)
    }

    private mutating func change(to state: State) {
        self.state = state
        era += 1
        underWay = 0
    }
}
