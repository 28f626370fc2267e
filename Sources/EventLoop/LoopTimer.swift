/// A deadline that can be moved; runs its action on the loop once the deadline has passed.
///
/// Moving it later costs a store: the heap is only told when the earlier time has come.
/// For use on its loop only; whoever owns it calls `cancel` before letting go of it.
package final class LoopTimer {
    private let loop: EventLoop
    private var action: (() -> Void)?
    private var deadline: ContinuousClock.Instant?

    /// Where the heap has it, and for what time: the heap's own bookkeeping.
    var heapIndex: Int?
    var heapTime: ContinuousClock.Instant = .now

    package init(on loop: EventLoop, action: @escaping () -> Void) {
        self.loop = loop
        self.action = action
    }

    /// Sets or moves the deadline.
    package func set(_ deadline: ContinuousClock.Instant) {
        self.deadline = deadline
        if heapIndex == nil || deadline < heapTime {
            loop.place(self, at: deadline)
        }
    }

    /// Takes the deadline away; the timer may be set again.
    package func clear() {
        deadline = nil
    }

    /// Ends the timer for good and lets go of its action.
    package func cancel() {
        deadline = nil
        action = nil
        loop.remove(self)
    }

    /// The heap's time for it has come: runs the action, or goes back into the heap where the deadline has moved, be it
    /// past as well: others may come before it.
    func fire() {
        guard let deadline else { return }
        if deadline > heapTime {
            loop.place(self, at: deadline)
        } else {
            self.deadline = nil
            action?()
        }
    }
}
