import Heartbeat
import SWF
import Telemetry

/// SWF, with its calls measured.
struct MeasuredActivities: ActivityService {
    let swf: SWFService
    let metrics: LoopMetrics

    func recordHeartbeat(
        taskToken: TaskToken, details: String?, deadline: ContinuousClock.Instant
    ) async -> Relay {
        let start = ContinuousClock.now
        let relay = await swf.recordHeartbeat(taskToken: taskToken, details: details, deadline: deadline)
        if relay.attempts > 0 { metrics.upstreamDuration.observe(.now - start) }
        metrics.countAttempt(relay)
        return relay
    }
}
