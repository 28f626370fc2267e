import EventLoop
import Heartbeat

/// SWF on one loop, as a test wants it: calls wait until they are answered.
final class FakeUpstream: Upstream {
    private let loop: EventLoop
    private let changed: Wakeup
    /// Answers at once instead.
    var answersAll: Relay?
    private(set) var calls: [(token: String, details: String?)] = []
    private var waiting: [(admission: any AttemptAdmission, suspension: Suspension<Relay>)?] = []

    init(on loop: EventLoop) {
        self.loop = loop
        changed = Wakeup(on: loop)
    }

    func recordHeartbeat(
        taskToken: TaskToken, details: String?, deadline: ContinuousClock.Instant, admission: any AttemptAdmission
    ) async -> Relay {
        guard deadline > .now else { return Relay(outcome: .failure(.timeout), attempts: 0) }
        calls.append((taskToken.secret, details))
        if let answersAll {
            waiting.append(nil)
            changed.signal()
            admission.ended(answersAll.failure)
            return answersAll
        }
        return await Suspension<Relay>.wait { suspension in
            waiting.append((admission, suspension))
            changed.signal()
        }
    }

    /// Waits until so many calls have come.
    func wait(for count: Int) async {
        while waiting.count < count { await changed.wait() }
    }

    func answer(_ call: Int, _ relay: Relay) {
        guard let (admission, suspension) = waiting[call].take() else { return }
        admission.ended(relay.failure)
        suspension.resume(returning: relay)
    }
}

extension Relay {
    static let recorded = Relay(outcome: .success(false), upstreamRequestID: "swf", attempts: 1)
    static let failed = Relay(outcome: .failure(.fault(type: "InternalFailure", status: 500)), attempts: 1)
    static let throttled = Relay(outcome: .failure(.fault(type: "ThrottlingException", status: 400)), attempts: 1)

    var failure: UpstreamFailure? { if case .failure(let failure) = outcome { failure } else { nil } }
}
