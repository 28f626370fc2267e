internal import Heartbeat
internal import PostgreSQL

/// A row from `append` until it is durable or has failed.
final class PendingRow {
    let row: BinaryTuple
    /// Until when it waits for PostgreSQL.
    let deadline: Moment
    /// How many rows its next statement may have at most: halved each time the server refuses one for some row's
    /// content, until the row in question stands alone.
    var batchRowsMax: Int
    /// Whether it was refused in a way that may not come twice.
    var isSecondTry = false
    /// Whether it is out of the queue's hands: in those of the spool, or failed.
    var isDiverted = false
    /// nil once it has been told.
    private var finishing: ((Result<Void, AuditFailure>) -> Void)?

    init(
        _ row: BinaryTuple, deadline: Moment, batchRowsMax: Int,
        finish: @escaping (Result<Void, AuditFailure>) -> Void
    ) {
        self.row = row
        self.deadline = deadline
        self.batchRowsMax = batchRowsMax
        finishing = finish
    }

    /// Tells who waits for the row; what is told later is not heard.
    func finish(_ result: Result<Void, AuditFailure>) {
        finishing.take()?(result)
    }
}
