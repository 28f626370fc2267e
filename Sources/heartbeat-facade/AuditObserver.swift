import Audit
import Logging
import Telemetry

/// Counts and logs what an audit writer tells.
struct AuditObserver {
    let metrics: LoopMetrics
    let logger: Logger
    let loopName: String

    func observe(_ event: AuditEvent) {
        switch event {
        case .committed(let rows, let duration):
            metrics.auditRows.add(rows)
            metrics.auditCommitDuration.observe(duration)
        case .pending(let rows):
            metrics.auditPendingRows.set(rows)
        case .available:
            logger.info("audit rows are taken", metadata: ["loop": "\(loopName)"])
        case .unavailable(let reason):
            logger.error("audit rows are not taken", metadata: ["loop": "\(loopName)", "reason": "\(reason)"])
        case .rejected(let requestID, let reason):
            logger.error("an audit row was refused", metadata: ["request_id": "\(requestID)", "reason": "\(reason)"])
        }
    }
}
