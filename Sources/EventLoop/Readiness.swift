/// What has no task while it waits for a descriptor, and is told when to go on. Called on the loop.
package protocol Sleeper: AnyObject {
    func wake()
}

/// The readiness of one descriptor, latched: an event that comes while nobody waits is kept for the next who does.
///
/// Edge-triggered epoll tells of a change once. A task that found "would block" may be told before it begins to wait,
/// so each direction remembers. For use on its loop only.
package final class Readiness: EventHandler {
    package enum Direction {
        case read
        case write
    }

    package enum Wake: Sendable {
        /// Try again: it may still turn out to block.
        case ready
        /// `interrupt` was called.
        case interrupted
    }

    private enum Latch {
        case idle
        case ready
        case awaited(Suspension<Wake>)
        case asleep(any Sleeper)
    }

    private let loop: EventLoop
    private let descriptor: Int32
    private var read = Latch.idle
    private var write = Latch.idle
    /// The peer has ended its stream, or the connection is broken: no event comes after that.
    private var hasEnded = false

    /// Whether there may be something to read: nobody has seen the end of it since the last event.
    package private(set) var mayRead = true

    /// Watches a non-blocking descriptor until `stop`.
    /// - Throws: what epoll_ctl(2) says, ENOSPC at the limit of watched descriptors for example.
    package init(of descriptor: Int32, on loop: EventLoop) throws(SystemError) {
        self.loop = loop
        self.descriptor = descriptor
        try loop.watch(descriptor, for: [.readable, .writable, .peerClosed, .edgeTriggered], handler: self)
    }

    /// Waits until a call in this direction is worth trying. One task at a time and direction.
    package func wait(for direction: Direction) async -> Wake {
        await Suspension.wait { suspension in
            if case .ready = self[direction] {
                self[direction] = .idle
                suspension.resume(returning: .ready)
            } else {
                self[direction] = .awaited(suspension)
            }
        }
    }

    /// Has `sleeper` woken, once, where `wait` would return.
    /// - Returns: false where `wait` would return at once: then nobody is woken.
    package func whenReady(_ direction: Direction, wake sleeper: any Sleeper) -> Bool {
        if case .ready = self[direction] { return false }
        self[direction] = .asleep(sleeper)
        return true
    }

    /// A read took less than it had room for: what there was is read (epoll(7), question 9).
    package func drained() {
        mayRead = hasEnded
    }

    /// Wakes whoever waits, without readiness: a deadline has passed, or the server drains.
    package func interrupt() {
        wake(.read, .interrupted)
        wake(.write, .interrupted)
    }

    /// Ends the watch. To be called before the descriptor is closed.
    package func stop() {
        interrupt()
        loop.unwatch(descriptor)
    }

    package func handle(_ events: Events, of descriptor: Int32) {
        let failed = !events.isDisjoint(with: .failed)
        if failed || events.contains(.peerClosed) { hasEnded = true }
        if hasEnded || events.contains(.readable) {
            mayRead = true
            latch(.read)
        }
        if failed || events.contains(.writable) { latch(.write) }
    }

    private subscript(direction: Direction) -> Latch {
        get { direction == .read ? read : write }
        set { if direction == .read { read = newValue } else { write = newValue } }
    }

    private func latch(_ direction: Direction) {
        switch self[direction] {
        case .idle, .ready: self[direction] = .ready
        case .awaited, .asleep: wake(direction, .ready)
        }
    }

    private func wake(_ direction: Direction, _ reason: Wake) {
        let latch = self[direction]
        switch latch {
        case .idle, .ready: return
        case .awaited(let suspension):
            self[direction] = .idle
            suspension.resume(returning: reason)
        case .asleep(let sleeper):
            self[direction] = .idle
            sleeper.wake()
        }
    }
}
