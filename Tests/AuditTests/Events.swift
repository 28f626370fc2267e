import EventLoop
import PostgreSQL

/// Keeps the events that a test's object tells of, and lets the test wait for one.
final class Events<Event: Sendable> {
    private(set) var all: [Event] = []
    private var read = 0
    private let changed: Wakeup

    init(on loop: EventLoop) {
        changed = Wakeup(on: loop)
    }

    func add(_ event: Event) {
        all.append(event)
        changed.signal()
    }

    /// Waits for an event that comes after those that earlier waits have met or passed over.
    func wait(for matches: (Event) -> Bool) async {
        while true {
            while read < all.count {
                read += 1
                if matches(all[read - 1]) { return }
            }
            await changed.wait()
        }
    }

    /// Passes over all that has come.
    func skip() {
        read = all.count
    }
}
