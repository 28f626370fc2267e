internal import EventLoop
internal import HTTP

/// Has requests refused that one loop cannot keep up with, before anything is done about them.
final class OverloadGate {
    private var rule: OverloadRule
    private let admission: Admission
    private var probe: LoopProbe?

    /// - Throws: where there can be no probe.
    init(_ rules: OverloadRule.Rules, admission: Admission, on loop: EventLoop) throws(SystemError) {
        rule = OverloadRule(rules, now: .now)
        self.admission = admission
        probe = try LoopProbe(on: loop) { [weak self] in self?.probeCame() }
    }

    /// - Returns: nil where a request that has come is to be served: then `began` and at its end `ended` follow.
    func refusal() -> OverloadRule.Refusal? {
        let now = ContinuousClock.now
        sendProbe(at: now)
        return rule.refusal(hasRoom: admission.hasRoomForRequest, at: now)
    }

    func began() {
        admission.requestBegan()
    }

    func ended() {
        admission.requestEnded()
        rule.served(at: .now)
    }

    /// To be called before the last reference goes.
    func stop() {
        probe?.stop()
        probe = nil
    }

    private func probeCame() {
        let now = ContinuousClock.now
        rule.probeCame(at: now)
        sendProbe(at: now)
    }

    private func sendProbe(at now: ContinuousClock.Instant) {
        guard let probe, rule.sendsProbe(at: now) else { return }
        probe.send()
    }
}
