/// One call that is under way, and those who wait for what comes of it. For use on its loop only.
package final class Flight<Outcome: Sendable> {
    private let loop: EventLoop
    private var outcome: Outcome?
    private var waiters: [Int: Suspension<Outcome?>] = [:]
    private var waitersEver = 0

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    /// - Returns: nil where the deadline came first.
    package func wait(until deadline: ContinuousClock.Instant) async -> Outcome? {
        waitersEver += 1
        let number = waitersEver
        let timer = LoopTimer(on: loop) { [weak self] in
            self?.waiters.removeValue(forKey: number)?.resume(returning: nil)
        }
        let landed: Outcome? = await Suspension.wait { suspension in
            if let outcome {
                suspension.resume(returning: outcome)
            } else {
                waiters[number] = suspension
                timer.set(deadline)
            }
        }
        timer.cancel()
        return landed
    }

    package func land(_ outcome: Outcome) {
        self.outcome = outcome
        let landed = waiters
        waiters = [:]
        for waiter in landed.values { waiter.resume(returning: outcome) }
    }
}
