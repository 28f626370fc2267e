internal import EventLoop
internal import Heartbeat

/// A row from `append` until its statement is committed or its time is up.
final class PendingRow {
    let id: UUIDv7
    let row: AuditRow
    let deadline: ContinuousClock.Instant
    /// How many rows its next statement may have at most: halved each time the server refuses one for some row's
    /// content, until the row in question stands alone.
    var batchRowsMax: Int
    /// nil once it has been told.
    private var waiter: Suspension<Result<Void, AuditFailure>>?

    /// What the row adds to a statement beside its details, about.
    private static let fixedBytes = 512

    init(
        id: UUIDv7, row: AuditRow, deadline: ContinuousClock.Instant, batchRowsMax: Int,
        waiter: Suspension<Result<Void, AuditFailure>>
    ) {
        self.id = id
        self.row = row
        self.deadline = deadline
        self.batchRowsMax = batchRowsMax
        self.waiter = waiter
    }

    var isAwaited: Bool { waiter != nil }

    var approximateBytes: Int { Self.fixedBytes + (row.details?.utf8.count ?? 0) }

    func finish(_ result: Result<Void, AuditFailure>) {
        waiter.take()?.resume(returning: result)
    }
}
