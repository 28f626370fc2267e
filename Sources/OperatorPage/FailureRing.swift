package import Heartbeat

/// A heartbeat that was not recorded.
package struct Failure: Sendable, Equatable {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package let receivedAt: Int64
    package let code: ErrorCode
    /// nil: nobody known.
    package let caller: String?
    package let requestID: String
    /// SWF's fault, by its bare type name.
    package let fault: String?
    package let upstreamRequestID: String?
    package let duration: Duration

    package init(_ row: AuditRow, code: ErrorCode, duration: Duration) {
        receivedAt = row.receivedAt
        self.code = code
        caller = row.caller?.name
        requestID = row.requestID
        fault = row.fault
        upstreamRequestID = row.upstreamRequestID
        self.duration = duration
    }
}

/// The last failures, as many as there is room for.
package struct FailureRing: Sendable {
    package static let failuresMax = Overview.failuresMax

    /// In no order.
    package private(set) var failures: [Failure] = []
    /// Where the next one goes, once all places are taken.
    private var next = 0

    package init() {}

    package mutating func add(_ failure: Failure) {
        guard failures.count >= Self.failuresMax else { return failures.append(failure) }
        failures[next] = failure
        next = (next + 1) % Self.failuresMax
    }
}
