import EventLoop

/// The workers of a fleet: each sends the beats of its task, one after the other. For use on its loop only.
final class Workers {
    private static let beginAhead = Duration.milliseconds(100)
    /// What the simulator takes in one request, at least.
    private static let begunAtOnceMax = 500

    private let plan: Plan
    private let route: any Route
    private let control: SimulatorControl
    private let loop: EventLoop
    private let start: ContinuousClock.Instant
    private let taskEnded: Wakeup
    private var running = 0
    private(set) var tally = Tally()
    /// By task.
    private(set) var cancellations: [Int: Cancellation] = [:]
    private var failure: (any Error)?

    init(_ plan: Plan, _ route: any Route, _ control: SimulatorControl, on loop: EventLoop) {
        self.plan = plan
        self.route = route
        self.control = control
        self.loop = loop
        start = .now
        taskEnded = Wakeup(on: loop)
    }

    /// Returns when all have ended.
    func run() async throws {
        spawn { [self] in try await beginTasks() }
        // The others' workers are elsewhere.
        for task in 0..<plan.tasks where !plan.isBoto3s(task) { spawn { [self] in await work(on: task) } }
        for (task, time) in plan.madeCancellations() { spawn { [self] in try await cancel(task, at: time) } }
        while running > 0 { await taskEnded.wait() }
        if let failure { throw failure }
    }

    private func spawn(_ body: @escaping () async throws -> Void) {
        running += 1
        loop.spawn { [self] in
            do { try await body() } catch { failure = error }
            running -= 1
            if running == 0 { taskEnded.signal() }
        }
    }

    /// Lets SWF know of the tasks, several at a time.
    private func beginTasks() async throws {
        var begun = 0
        while begun < plan.tasks {
            await pause(until: plan.begin(of: begun))
            let first = begun
            let last = min(first + Self.begunAtOnceMax, plan.tasks)
            repeat { begun += 1 } while begun < last && start + plan.begin(of: begun) < .now + Self.beginAhead
            try await control.begin((first..<begun).map(Plan.token(of:)))
        }
    }

    private func work(on task: Int) async {
        let token = Plan.token(of: task)
        var due = plan.begin(of: task)
        while due < plan.end {
            await pause(until: due)
            let sentAt = ContinuousClock.now
            let outcome = await route.beat(token, details: "\(due.components.seconds) s")
            tally.note(outcome)
            if case .recorded(let isRequested) = outcome { noteStatus(isRequested, of: task, sentAt: sentAt) }
            if outcome == .gone { return }
            // The next one waits for the answer; those that were due meanwhile are not made up for.
            repeat { due += .seconds(plan.interval) } while start + due < .now
        }
    }

    private func cancel(_ task: Int, at time: Duration) async throws {
        await pause(until: time)
        cancellations[task] = Cancellation(requestedAt: .now)
        try await control.cancel([Plan.token(of: task)])
        cancellations[task]?.knownAt = .now
    }

    private func noteStatus(_ isRequested: Bool, of task: Int, sentAt: ContinuousClock.Instant) {
        guard let cancellation = cancellations[task] else { return }
        if isRequested {
            cancellations[task]?.toldAt = cancellation.toldAt ?? .now
        } else if let knownAt = cancellation.knownAt, sentAt > knownAt + plan.knownMax {
            cancellations[task]?.missed += 1
        }
    }

    private func pause(until time: Duration) async {
        let rest = start + time - .now
        if rest > .zero { await loop.pause(for: rest) }
    }
}
