internal import EventLoop
internal import FlowControl
internal import Heartbeat

/// Where one loop's tasks wait for what other loops may bring about, and are resumed on their own.
actor Post {
    enum Letter: Sendable {
        case answer(waiter: Int, Relay)
        case turn(AdmissionControl.Turn)
    }

    typealias Admission = Result<AdmissionControl.Permit, AdmissionControl.Refusal>

    private enum Place {
        /// Nobody waits yet.
        case announced
        case arrived(Relay)
        case waiting(Suspension<Relay>)
    }

    nonisolated let number: Int
    nonisolated let loop: EventLoop
    private var waiters: [Int: Place] = [:]
    private var queued: [Int: Suspension<Admission>] = [:]

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(number: Int, on loop: EventLoop) {
        self.number = number
        self.loop = loop
    }

    /// Before `wait`: an answer may come in between.
    func announce(_ waiter: Int) {
        waiters[waiter] = .announced
    }

    func wait(_ waiter: Int, _ suspension: Suspension<Relay>) {
        if case .arrived(let relay) = waiters[waiter] {
            waiters[waiter] = nil
            suspension.resume(returning: relay)
        } else {
            waiters[waiter] = .waiting(suspension)
        }
    }

    func wait(forTurn id: Int, _ suspension: Suspension<Admission>) {
        queued[id] = suspension
    }

    /// A letter for whom nobody waits any more is dropped.
    func deliver(_ letters: [Letter]) {
        for letter in letters {
            switch letter {
            case .answer(let waiter, let relay): answer(waiter, relay)
            case .turn(let turn): queued.removeValue(forKey: turn.id)?.resume(returning: turn.result)
            }
        }
    }

    private func answer(_ waiter: Int, _ relay: Relay) {
        switch waiters.removeValue(forKey: waiter) {
        case .waiting(let suspension): suspension.resume(returning: relay)
        case .announced: waiters[waiter] = .arrived(relay)
        case .arrived, nil: break
        }
    }
}
