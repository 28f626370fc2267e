/// Reads audit rows back: one for all event loops. Rows that wait in a spool are not seen before they are in
/// PostgreSQL.
package protocol AuditHistory: Sendable {
    /// - Parameters:
    ///   - caller: whose rows count; nil: everybody's.
    ///   - deadline: what is not read by then is `.unavailable`.
    /// - Returns: nil where there is no such row.
    /// - Throws: `.unavailable` where the table cannot be read, `.full` where too many wait already.
    func summary(
        of task: TaskHash, caller: Caller.Identity?, deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> TaskSummary?

    /// The newest rows first, up to `limit`.
    /// - Parameters:
    ///   - position: only older rows are wanted; nil: all are.
    ///   - caller: as above, and so are the rest.
    func records(
        of task: TaskHash, caller: Caller.Identity?, before position: AuditPosition?, limit: Int,
        deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> [AuditRecord]
}

/// What the audit table has of a task.
package struct TaskSummary: Sendable, Equatable {
    /// Of the last heartbeat, whatever came of it.
    package var last: AuditRecord
    /// When SWF first asked for the task's cancellation, as `AuditRecord.receivedAt`.
    package var cancelRequestedSince: String?
    package var count: Int

    package init(last: AuditRecord, cancelRequestedSince: String? = nil, count: Int) {
        self.last = last
        self.cancelRequestedSince = cancelRequestedSince
        self.count = count
    }
}

/// A row of `heartbeat_audit` as it is read.
package struct AuditRecord: Sendable, Equatable {
    package var position: AuditPosition
    /// In RFC 3339, UTC, with microseconds.
    package var receivedAt: String
    package var requestID: String
    package var traceID: String?
    package var caller: String?
    package var authentication: String?
    package var clientAddress: String?
    /// 64 lower-case hexadecimal digits.
    package var taskTokenSHA256: String?
    /// As the caller sent them, a U+0000 included.
    package var details: String?
    package var detailsLength: Int?
    package var outcome: String
    package var status: Int
    package var cancelRequested: Bool?
    package var fault: String?
    package var upstreamRequestID: String?
    package var attempts: Int
    package var durationMicroseconds: Int
    package var relayed: Bool
    package var instance: String

    package init(
        position: AuditPosition, receivedAt: String, requestID: String, outcome: String, status: Int, attempts: Int,
        durationMicroseconds: Int, relayed: Bool, instance: String
    ) {
        self.position = position
        self.receivedAt = receivedAt
        self.requestID = requestID
        self.outcome = outcome
        self.status = status
        self.attempts = attempts
        self.durationMicroseconds = durationMicroseconds
        self.relayed = relayed
        self.instance = instance
    }
}
