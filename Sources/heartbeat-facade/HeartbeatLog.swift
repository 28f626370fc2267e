import EventLoop
import Heartbeat
import Logging
import OperatorPage
import Telemetry

/// Counts the requests that one loop answers and logs those that failed, of the others some; all of them at `debug`.
final class HeartbeatLog: HeartbeatObserver {
    private let metrics: LoopMetrics
    /// nil: there is no page that shows it.
    private let activity: LoopActivity?
    private let logger: Logger
    /// nil: spans go nowhere.
    private let tracer: Tracer?
    /// One of so many successes has a line at `info` too; nil: none has.
    private let successesPerLine: Int?
    private var successes = 0

    init(
        metrics: LoopMetrics, activity: LoopActivity?, logger: Logger, tracer: Tracer?, successesPerLine: Int?
    ) {
        self.metrics = metrics
        self.activity = activity
        self.logger = logger
        self.tracer = tracer
        self.successesPerLine = successesPerLine
    }

    func finished(_ row: AuditRow, code: ErrorCode?, duration: Duration, _ course: Course) {
        metrics.countRequest(code)
        activity?.note(row, code: code, duration: duration)
        let level = level(of: code)
        if tracer?.keeps(course.trace) ?? (course.trace.parent?.isSampled == true) {
            metrics.requestDuration.observe(duration, traceID: course.trace.traceID, at: wallClockMicroseconds())
            log(row, code, duration, level, tracer?.record(row, code: code, duration: duration, course))
        } else {
            metrics.requestDuration.observe(duration)
            log(row, code, duration, level, nil)
        }
    }

    private func log(
        _ row: AuditRow, _ code: ErrorCode?, _ duration: Duration, _ level: Logger.Level, _ traced: TracedBeat?
    ) {
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "request_id": "\(row.requestID)",
            "code": "\(code?.rawValue ?? "recorded")",
            "status": "\(code?.status ?? 200)",
            "duration_s": "\(duration / .seconds(1))",
            "attempts": "\(row.attempts)",
        ]
        metadata["trace_id"] = row.traceID.map { "\($0)" }
        metadata["span_id"] = traced.map { "\($0.spanID)" }
        metadata["caller"] = row.caller.map { "\($0.name)" }
        metadata["fault"] = row.fault.map { "\($0)" }
        metadata["upstream_request_id"] = row.upstreamRequestID.map { "\($0)" }
        logger.log(level: level, "heartbeat", metadata: metadata)
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

    func failed(_ code: ErrorCode, requestID: String, clientAddress: String?) {
        let level = level(of: code)
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)", "code": "\(code.rawValue)", "status": "\(code.status)",
        ]
        metadata["client_address"] = clientAddress.map { "\($0)" }
        logger.log(level: level, "request", metadata: metadata)
    }

    /// What the service or SWF is to blame for is a warning, what the caller is, information.
    private func level(of code: ErrorCode?) -> Logger.Level {
        guard let code else { return isSampled() ? .info : .debug }
        return code.status >= 500 ? .warning : .info
    }

    private func isSampled() -> Bool {
        guard let successesPerLine else { return false }
        successes += 1
        if successes < successesPerLine { return false }
        successes = 0
        return true
    }
}
