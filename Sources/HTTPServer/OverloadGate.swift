internal import EventLoop
internal import HTTP

/// What requests lead to, and does not take any number of them.
package protocol Backlog {
    /// How many more requests may be let in now.
    var room: Int { get }

    /// One was let in.
    func requestBegan()
}

/// Has the requests of one loop wait, or be refused, when they are more than it can do soon: before anything is done
/// about them.
final class OverloadGate {
    private var rule: OverloadRule
    private let admission: Admission
    private let backlog: (any Backlog)?
    private var probe: LoopProbe?
    private var probeTimer: LoopTimer?
    private var waiting: [Int: Suspension<OverloadRule.Refusal?>] = [:]
    private var requests = 0

    /// - Throws: where there can be no probe.
    init(
        _ rules: OverloadRule.Rules, admission: Admission, backlog: (any Backlog)?, on loop: EventLoop
    ) throws(SystemError) {
        rule = OverloadRule(rules, now: .now)
        self.admission = admission
        self.backlog = backlog
        probe = try LoopProbe(on: loop) { [weak self] in self?.probeCame() }
        probeTimer = LoopTimer(on: loop) { [weak self] in self?.sendProbe(at: .now) }
    }

    /// Whether a request that has come is to be served at once: then `began` and at its end `ended` follow.
    func isOpen() -> Bool {
        let now = ContinuousClock.now
        let room = room
        guard admission.hasRoomForRequest, withRule({ $0.isOpen(room: room, at: now) }) else { return false }
        sendProbe(at: now)
        return true
    }

    /// Returns when it is the turn of a request for which it is not open.
    /// - Returns: nil where it is to be served then.
    func refusal() async -> OverloadRule.Refusal? {
        await Suspension.wait { suspension in
            requests += 1
            let now = ContinuousClock.now
            switch rule.request(requests, mayBegin: admission.hasRoomForRequest, room: room, at: now) {
            case .serve: suspension.resume(returning: nil)
            case .wait: waiting[requests] = suspension
            case .refuse(let refusal): suspension.resume(returning: refusal)
            }
            sendProbe(at: now)
        }
    }

    func began() {
        admission.requestBegan()
        backlog?.requestBegan()
    }

    func ended() {
        admission.requestEnded()
        rule.served(at: .now)
    }

    /// To be called before the last reference goes, when nobody waits any more but those who are cut off.
    func stop() {
        probe?.stop()
        probe = nil
        probeTimer?.cancel()
        let refusal = OverloadRule.Refusal(reason: .delay, retryAfter: .seconds(1))
        for suspension in waiting.values { suspension.resume(returning: refusal) }
        waiting = [:]
    }

    private var room: Int { backlog?.room ?? .max }

    private func probeCame() {
        let now = ContinuousClock.now
        for turn in rule.probeCame(room: room, at: now) {
            waiting.removeValue(forKey: turn.id)?.resume(returning: turn.refusal)
        }
        sendProbe(at: now)
    }

    private func sendProbe(at now: ContinuousClock.Instant) {
        guard let probe else { return }
        if rule.sendsProbe(at: now) { return probe.send() }
        if let due = withRule({ $0.probeDue }) { probeTimer?.set(due) }
    }

    /// For looking at the rule: a getter would be called on a copy of it.
    private func withRule<Value>(_ body: (inout OverloadRule) -> Value) -> Value { body(&rule) }
}
