internal import EventLoop
internal import HTTP

/// Has the requests of one loop wait, or be refused, when they are more than it can do soon: before anything is done
/// about them.
final class OverloadGate {
    private var rule: OverloadRule
    private let admission: Admission
    private var probe: LoopProbe?
    private var waiting: [Int: Suspension<OverloadRule.Refusal?>] = [:]
    private var requests = 0

    /// - Throws: where there can be no probe.
    init(_ rules: OverloadRule.Rules, admission: Admission, on loop: EventLoop) throws(SystemError) {
        rule = OverloadRule(rules, now: .now)
        self.admission = admission
        probe = try LoopProbe(on: loop) { [weak self] in self?.probeCame() }
    }

    /// Returns when it is a request's turn.
    /// - Returns: nil where it is to be served: then `began` and at its end `ended` follow.
    func refusal() async -> OverloadRule.Refusal? {
        let now = ContinuousClock.now
        if admission.hasRoomForRequest, rule.isOpen(at: now) {
            sendProbe(at: now)
            return nil
        }
        return await Suspension.wait { suspension in
            requests += 1
            let now = ContinuousClock.now
            switch rule.request(requests, hasRoom: admission.hasRoomForRequest, at: now) {
            case .serve: suspension.resume(returning: nil)
            case .wait: waiting[requests] = suspension
            case .refuse(let refusal): suspension.resume(returning: refusal)
            }
            sendProbe(at: now)
        }
    }

    func began() {
        admission.requestBegan()
    }

    func ended() {
        admission.requestEnded()
        rule.served(at: .now)
    }

    /// To be called before the last reference goes, when nobody waits any more but those who are cut off.
    func stop() {
        probe?.stop()
        probe = nil
        let refusal = OverloadRule.Refusal(reason: .delay, retryAfter: .seconds(1))
        for suspension in waiting.values { suspension.resume(returning: refusal) }
        waiting = [:]
    }

    private func probeCame() {
        let now = ContinuousClock.now
        for turn in rule.probeCame(at: now) {
            waiting.removeValue(forKey: turn.id)?.resume(returning: turn.refusal)
        }
        sendProbe(at: now)
    }

    private func sendProbe(at now: ContinuousClock.Instant) {
        guard let probe, rule.sendsProbe(at: now) else { return }
        probe.send()
    }
}
