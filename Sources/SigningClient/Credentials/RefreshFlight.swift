internal import EventLoop

/// One refresh that is under way, and those who wait for it. For use on its loop only.
final class RefreshFlight {
    typealias Outcome = Result<SourcedCredentials, CredentialsFault>

    private let loop: EventLoop
    private var outcome: Outcome?
    private var waiters: [Int: Suspension<Outcome?>] = [:]
    private var waitersEver = 0

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// - Returns: nil where the deadline came first.
    func wait(until deadline: ContinuousClock.Instant) async -> Outcome? {
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

    func land(_ outcome: Outcome) {
        self.outcome = outcome
        let landed = waiters
        waiters = [:]
        for waiter in landed.values { waiter.resume(returning: outcome) }
    }
}
