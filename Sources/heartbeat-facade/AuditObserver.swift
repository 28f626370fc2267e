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
        case .spooled(let rows, _):
            metrics.spooledRows.add(rows)
        case .spoolFailed(let reason):
            logger.critical(
                "audit rows can be kept nowhere", metadata: ["loop": "\(loopName)", "reason": "\(reason)"])
        case .pending(let rows):
            metrics.auditPendingRows.set(rows)
        case .available:
            logger.info("PostgreSQL takes audit rows", metadata: ["loop": "\(loopName)"])
        case .unavailable(let reason):
            logger.error(
                "PostgreSQL does not take audit rows", metadata: ["loop": "\(loopName)", "reason": "\(reason)"])
        case .rejected(let requestID, let reason):
            logger.error("an audit row was refused", metadata: ["request_id": "\(requestID)", "reason": "\(reason)"])
        }
    }
}
