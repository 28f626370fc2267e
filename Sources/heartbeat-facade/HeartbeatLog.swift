import Heartbeat
import Logging
import OperatorPage
import Telemetry

/// Counts the heartbeats and the readings that are answered and logs those that failed; all of them at `debug`.
struct HeartbeatLog: HeartbeatObserver {
    let metrics: LoopMetrics
    let activity: LoopActivity?
    let logger: Logger

    func finished(_ row: AuditRow, code: ErrorCode?, duration: Duration) {
        metrics.countRequest(code)
        metrics.requestDuration.observe(duration)
        activity?.note(row, code: code, duration: duration)
        let level = level(of: code)
        guard level >= logger.logLevel else { return }
        logger.log(level: level, "heartbeat", metadata: metadata(row, code, duration))
    }

    func finished(_ reading: Reading) {
        metrics.countReading(reading.code)
        let level = level(of: reading.code)
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "request_id": "\(reading.requestID)",
            "code": "\(reading.code?.rawValue ?? "read")",
            "status": "\(reading.code?.status ?? 200)",
            "duration_s": "\(reading.duration / .seconds(1))",
        ]
        metadata["caller"] = reading.caller.map { "\($0.name)" }
        // A heartbeat's is in its row.
        metadata["client_address"] = reading.clientAddress.map { "\($0)" }
        logger.log(level: level, "reading", metadata: metadata)
    }

    /// What the service or SWF is to blame for is a warning, what the caller is, information.
    private func level(of code: ErrorCode?) -> Logger.Level {
        guard let code else { return .debug }
        return code.status >= 500 ? .warning : .info
    }

    private func metadata(_ row: AuditRow, _ code: ErrorCode?, _ duration: Duration) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "request_id": "\(row.requestID)",
            "code": "\(code?.rawValue ?? "recorded")",
            "status": "\(code?.status ?? 200)",
            "duration_s": "\(duration / .seconds(1))",
            "attempts": "\(row.attempts)",
        ]
        metadata["trace_id"] = row.traceID.map { "\($0)" }
        metadata["caller"] = row.caller.map { "\($0.name)" }
        metadata["fault"] = row.fault.map { "\($0)" }
        metadata["upstream_request_id"] = row.upstreamRequestID.map { "\($0)" }
        return metadata
    }
}
