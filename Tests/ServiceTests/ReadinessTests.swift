import Synchronization
import Testing

@testable import heartbeat_facade

/// A dependency that a test breaks and mends.
private final class Part: Sendable {
    let fault = Mutex<String?>(nil)
    let isNeeded = Mutex(true)

    func check(_ name: String) -> ReadinessCheck {
        ReadinessCheck(name: name, isNeeded: { self.isNeeded.withLock(\.self) }, fault: { self.fault.withLock(\.self) })
    }
}

struct ReadinessTests {
    @Test func `since when a part is good, or bad`() {
        let (first, second) = (Part(), Part())
        let readiness = Readiness([first.check("a"), second.check("b")])
        func expect(_ isReady: Bool, _ states: [Readiness.State], at now: Int64) {
            let seen = readiness.look(at: now)
            #expect(seen.isReady == isReady)
            #expect(seen.states == states)
        }
        expect(true, [.init(name: "a", fault: nil, since: 10), .init(name: "b", fault: nil, since: 10)], at: 10)
        first.fault.withLock { $0 = "away" }
        expect(false, [.init(name: "a", fault: "away", since: 20), .init(name: "b", fault: nil, since: 10)], at: 20)
        // Another fault is the same trouble.
        first.fault.withLock { $0 = "still away" }
        first.isNeeded.withLock { $0 = false }
        expect(
            true, [.init(name: "a", fault: "still away", since: 20), .init(name: "b", fault: nil, since: 10)], at: 30)
        first.fault.withLock { $0 = nil }
        expect(true, [.init(name: "a", fault: nil, since: 40), .init(name: "b", fault: nil, since: 10)], at: 40)
    }
}
