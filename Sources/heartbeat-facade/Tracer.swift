import EventLoop
import Heartbeat
import Telemetry

/// Makes the spans of the heartbeats of one loop.
final class Tracer {
    private let exporter: SpanExporter
    private let sampler: TraceSampler
    private let endpointHost: String
    private let loop: EventLoop
    private let random: () -> UInt64

    /// - Parameter endpointHost: SWF's.
    init(
        _ exporter: SpanExporter, sampler: TraceSampler, endpointHost: String, on loop: EventLoop,
        random: @escaping () -> UInt64
    ) {
        self.exporter = exporter
        self.sampler = sampler
        self.endpointHost = endpointHost
        self.loop = loop
        self.random = random
    }

    func keeps(_ trace: TraceContext) -> Bool {
        sampler.keeps(trace.traceID, parentIsSampled: trace.parent?.isSampled)
    }

    /// To be called of the heartbeats whose trace is kept.
    /// - Returns: the id of the heartbeat's span.
    func record(_ row: AuditRow, code: ErrorCode?, duration: Duration, _ course: Course) -> String {
        let server = serverSpan(row, code, duration, course)
        var spans = [server]
        if let client = clientSpan(row, course, parentID: server.spanID) { spans.append(client) }
        if exporter.queue.add(spans, batch: SpanExporter.batchSpansMax) {
            loop.spawn { [exporter] in await exporter.wake() }
        }
        return server.spanID
    }

    private func serverSpan(_ row: AuditRow, _ code: ErrorCode?, _ duration: Duration, _ course: Course) -> Span {
        let status = code?.status ?? 200
        var attributes: [(key: String, value: Span.Value)] = [
            ("http.request.method", .text("POST")), ("http.route", .text("\(course.route)")),
            ("http.response.status_code", .integer(status)), ("heartbeat.outcome", .text(row.outcome)),
            ("heartbeat.request_id", .text(row.requestID)),
        ]
        if let code { attributes.append(("error.type", .text(code.rawValue))) }
        if let caller = row.caller { attributes.append(("heartbeat.caller", .text(caller.name))) }
        if let address = row.clientAddress { attributes.append(("client.address", .text(address))) }
        return Span(
            traceID: course.trace.traceID, spanID: spanID(), parentID: course.trace.parent?.spanID,
            state: course.trace.parent?.state, name: "POST \(course.route)", kind: .server, begin: row.receivedAt,
            duration: duration, attributes: attributes, hasFailed: status >= 500)
    }

    /// The call with its attempts, and its wait for a turn; nil where the heartbeat was answered without one.
    private func clientSpan(_ row: AuditRow, _ course: Course, parentID: String) -> Span? {
        guard row.attempts > 0, let begin = course.relayBegin, let duration = course.relay else { return nil }
        let hasFailed = row.cancelRequested == nil
        var attributes: [(key: String, value: Span.Value)] = [
            ("rpc.system", .text("aws-api")), ("rpc.service", .text("SWF")),
            ("rpc.method", .text("RecordActivityTaskHeartbeat")), ("server.address", .text(endpointHost)),
        ]
        if row.attempts > 1 { attributes.append(("http.request.resend_count", .integer(row.attempts - 1))) }
        if let id = row.upstreamRequestID { attributes.append(("aws.request_id", .text(id))) }
        if hasFailed { attributes.append(("error.type", .text(row.fault ?? row.outcome))) }
        return Span(
            traceID: course.trace.traceID, spanID: spanID(), parentID: parentID, state: course.trace.parent?.state,
            name: "SWF.RecordActivityTaskHeartbeat", kind: .client,
            begin: row.receivedAt + Int64(begin / .microseconds(1)), duration: duration, attributes: attributes,
            hasFailed: hasFailed)
    }

    /// One of zeros is invalid.
    private func spanID() -> String { TraceContext.hexadecimal(random() | 1) }
}
