import EventLoop
import Heartbeat
import Relaying
import TestSupport

/// What it costs a beat to be relayed by itself, beside a call without any of it: nothing shares its call, and nothing
/// is in its way.
@Sendable func benchFlow(on loop: EventLoop) async throws {
    let beats = (0..<taskCount).map(beat)
    let services: KeyValuePairs<String, any ActivityService> = [
        "call": Direct(Immediate()),
        "beat of its own": RelayService(Immediate(), RelayState(RelayState.Settings()), on: loop),
    ]
    for (name, service) in services {
        try await measure(name, operations) { number in
            if case .failure = await service.relay(beats[number % taskCount]).outcome {
                throw BenchError(description: "a beat was not relayed")
            }
        }
    }
}

private let operations = 900_000
private let taskCount = 10_000

private func beat(of task: Int) -> Beat {
    let token = String(repeating: "AAAAKgAAAAEAAAAA/b+c", count: 28) + "\(task)"
    return Beat(
        taskToken: TaskToken(secret: token), taskHash: TaskHash(of: token), details: "50%",
        deadline: .now + .seconds(600), caller: Caller(name: "worker", authentication: .apiKey),
        requestID: "018f3c7e-6a52-7a40-9d4e-1c3b5a7f9e21")
}

/// An SWF that answers at once.
private final class Immediate: Upstream {
    func recordHeartbeat(
        taskToken: TaskToken, details: String?, deadline: ContinuousClock.Instant, admission: any AttemptAdmission
    ) async -> Relay {
        admission.ended(nil)
        return Relay(outcome: .success(false), attempts: 1)
    }
}

private final class Direct: ActivityService {
    private let upstream: any Upstream
    private let admission = NoAdmission()

    init(_ upstream: any Upstream) {
        self.upstream = upstream
    }

    func relay(_ beat: Beat) async -> Relay {
        await upstream.recordHeartbeat(
            taskToken: beat.taskToken, details: beat.details, deadline: beat.deadline, admission: admission)
    }
}

/// Every attempt may be sent.
final class NoAdmission: AttemptAdmission {
    func admit() async -> Bool { true }
    func ended(_ failure: UpstreamFailure?) {}
}
