import EventLoop
import FlowControl
import Heartbeat
import Logging
import Relaying
import Telemetry

/// Counts what one loop's relays tell, and keeps a row of each flush.
struct RelayLog {
    /// As long as the callers of most heartbeats are ready to wait.
    private static let auditWait = Duration.seconds(6)

    let metrics: LoopMetrics
    let logger: Logger
    let rows: any AuditLog
    let retention: DetailsRetention

    func observe(_ event: RelayEvent) {
        switch event {
        case .joined: metrics.joinedBeats.increment()
        case .lastKnown: metrics.lastKnownBeats.increment()
        case .flushed: metrics.flushes.increment()
        case .flushFailed(let failure):
            metrics.failedFlushes.increment()
            logger.warning(
                "what was put off could not be sent to SWF yet", metadata: ["code": "\(ErrorCode(failure).rawValue)"])
        case .refused(let reason): metrics.countRefusedCall(reason)
        case .lost(let calls):
            logger.warning(
                "calls to SWF are cut off: HEARTBEAT_SHUTDOWN_GRACE is over", metadata: ["calls": "\(calls)"])
        }
    }

    func flushed(_ flush: RelayService.Flush) async {
        let duration = Moment.now - flush.begunAt
        let row = AuditRow(
            flushOf: flush.beat, flush.relay, receivedAt: wallClockMicroseconds() - Int64(duration / .microseconds(1)),
            duration: duration, keeping: retention)
        do throws(AuditFailure) {
            try await rows.append(row, wait: Self.auditWait)
        } catch {
            logger.error("a flush has no audit row", metadata: ["request_id": "\(row.requestID)"])
        }
    }
}
