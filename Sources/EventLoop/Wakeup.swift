/// Lets one task of a loop wait for a signal or a time, whichever comes first. A signal that comes while nobody waits
/// is kept for the next wait.
package final class Wakeup {
    private let loop: EventLoop
    private var timer: LoopTimer?
    private var waiter: Suspension<Void>?
    private var isSignalled = false

    package init(on loop: EventLoop) {
        self.loop = loop
    }

    package func wait(until deadline: ContinuousClock.Instant? = nil) async {
        if let deadline { set(deadline) }
        await Suspension.wait { suspension in
            if isSignalled { suspension.resume(returning: ()) } else { waiter = suspension }
        }
        timer?.clear()
        isSignalled = false
    }

    package func signal() {
        isSignalled = true
        waiter.take()?.resume(returning: ())
    }

    /// To be called before the last reference goes.
    package func cancel() {
        timer?.cancel()
        timer = nil
    }

    private func set(_ deadline: ContinuousClock.Instant) {
        let timer = self.timer ?? LoopTimer(on: loop) { [weak self] in self?.signal() }
        self.timer = timer
        timer.set(deadline)
    }
}

extension EventLoop {
    /// Suspends the calling task, which runs on this loop, for a while.
    package func pause(for duration: Duration) async {
        let wakeup = Wakeup(on: self)
        await wakeup.wait(until: .now + duration)
        wakeup.cancel()
    }
}
