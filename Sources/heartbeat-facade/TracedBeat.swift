import Heartbeat
import Telemetry

/// An answered heartbeat of which there are to be spans: what they are made of, once somebody has the time.
struct TracedBeat: Sendable {
    let row: AuditRow
    let code: ErrorCode?
    let duration: Duration
    let course: Course
    private let serverID: UInt64
    private let clientID: UInt64

    /// - Parameter random: for ids.
    init(_ row: AuditRow, code: ErrorCode?, duration: Duration, _ course: Course, random: () -> UInt64) {
        var row = row
        // Nothing of them is in a span.
        row.details = nil
        self.row = row
        self.code = code
        self.duration = duration
        self.course = course
        // One of zeros is invalid.
        serverID = random() | 1
        clientID = random() | 1
    }

    /// Of the heartbeat's span.
    var spanID: String { TraceContext.hexadecimal(serverID) }

    /// Without a call to SWF there is one span.
    var spanCount: Int { row.attempts > 0 && course.relay != nil ? 2 : 1 }

    /// - Parameter upstream: SWF's host.
    func spans(upstream: String) -> [Span] {
        [serverSpan, clientSpan(upstream)].compactMap(\.self)
    }

    private var serverSpan: Span {
        let status = code?.status ?? 200
        let route = course.route.description
        var attributes: [(key: String, value: Span.Value)] = [
            ("http.request.method", .text("POST")), ("http.route", .text(route)),
            ("http.response.status_code", .integer(status)), ("heartbeat.outcome", .text(row.outcome)),
            ("heartbeat.request_id", .text(row.requestID)),
        ]
        if let code { attributes.append(("error.type", .text(code.rawValue))) }
        if let caller = row.caller { attributes.append(("heartbeat.caller", .text(caller.name))) }
        if let address = row.clientAddress { attributes.append(("client.address", .text(address))) }
        return Span(
            traceID: course.trace.traceID, spanID: spanID, parentID: course.trace.parent?.spanID,
            state: course.trace.parent?.state, name: "POST " + route, kind: .server, begin: row.receivedAt,
            duration: duration, attributes: attributes, hasFailed: status >= 500)
    }

    /// The call with its attempts, and its wait for a turn; nil where the heartbeat was answered without one.
    private func clientSpan(_ upstream: String) -> Span? {
        guard row.attempts > 0, let begin = course.relayBegin, let duration = course.relay else { return nil }
        let hasFailed = row.cancelRequested == nil
        var attributes: [(key: String, value: Span.Value)] = [
            ("rpc.system", .text("aws-api")), ("rpc.service", .text("SWF")),
            ("rpc.method", .text("RecordActivityTaskHeartbeat")), ("server.address", .text(upstream)),
        ]
        if row.attempts > 1 { attributes.append(("http.request.resend_count", .integer(row.attempts - 1))) }
        if let id = row.upstreamRequestID { attributes.append(("aws.request_id", .text(id))) }
        if hasFailed { attributes.append(("error.type", .text(row.fault ?? row.outcome))) }
        return Span(
            traceID: course.trace.traceID, spanID: TraceContext.hexadecimal(clientID), parentID: spanID,
            state: course.trace.parent?.state, name: "SWF.RecordActivityTaskHeartbeat", kind: .client,
            begin: row.receivedAt + Int64(begin / .microseconds(1)), duration: duration, attributes: attributes,
            hasFailed: hasFailed)
    }
}
