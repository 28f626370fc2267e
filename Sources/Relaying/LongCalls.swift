internal import EventLoop
internal import Heartbeat

/// Calls to SWF that may take longer than the service has left when it is told to end. Each is made by a task of its
/// own, so that who waits for it need not. Lives on its loop.
final class LongCalls {
    private let loop: EventLoop
    private var numbers = 0
    private var waiting: [Int: (admission: CallAdmission, suspension: Suspension<Relay>)] = [:]

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// - Returns: what comes of the call, or that it has no answer, where `cut` is earlier.
    func run(_ admission: CallAdmission, _ call: @escaping () async -> Relay) async -> Relay {
        numbers += 1
        let number = numbers
        return await Suspension<Relay>.wait { suspension in
            waiting[number] = (admission, suspension)
            loop.spawn { [self] in
                let relay = await call()
                waiting.removeValue(forKey: number)?.suspension.resume(returning: relay)
            }
        }
    }

    /// Nobody waits any longer.
    func cut() {
        for (admission, suspension) in waiting.values {
            suspension.resume(returning: Relay(outcome: .failure(.timeout), attempts: admission.attempts))
        }
        waiting = [:]
    }
}
