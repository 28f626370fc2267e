internal import Heartbeat
internal import PostgreSQL

/// The rows that wait for a statement, in the order of their arrival, and those of the statement that runs, which are
/// older.
struct RowQueue {
    private(set) var waiting: [PendingRow] = []
    private(set) var inFlight: [PendingRow] = []

    var count: Int { waiting.count + inFlight.count }

    /// Whether no row's fate depends on a statement.
    var isSettled: Bool { waiting.isEmpty && inFlight.allSatisfy(\.isDiverted) }

    mutating func append(_ row: PendingRow) {
        waiting.append(row)
    }

    /// Takes the rows of the next statement: as many of the oldest as fit its limits, and at least one.
    mutating func beginStatement(rowsMax: Int, bytesMax: Int) -> [PendingRow] {
        var (count, limit, bytes) = (0, rowsMax, 0)
        for row in waiting {
            limit = min(limit, row.batchRowsMax)
            bytes += row.row.bytes.count
            if count > 0, count >= limit || bytes > bytesMax { break }
            count += 1
        }
        inFlight = Array(waiting.prefix(count))
        waiting.removeFirst(count)
        return inFlight
    }

    mutating func endStatement() {
        inFlight = []
    }

    /// Puts the statement's rows back to be sent again, but for those that have been diverted.
    mutating func returnToFront() {
        waiting.insert(contentsOf: inFlight.filter { !$0.isDiverted }, at: 0)
        inFlight = []
    }

    /// Diverts those whose time is up. One that was sent may still be committed; one that was not never will be.
    /// - Returns: them, and when the next one's time is up.
    mutating func divertLate(now: Moment) -> (late: [PendingRow], next: Moment?) {
        let late = (inFlight + waiting).filter { !$0.isDiverted && $0.deadline <= now }
        divert(late)
        let next = (inFlight + waiting).lazy.filter { !$0.isDiverted }.map(\.deadline).min()
        return (late, next)
    }

    /// Diverts those that wait for a statement.
    mutating func divertWaiting() -> [PendingRow] {
        let rows = waiting
        divert(rows)
        return rows
    }

    /// Diverts all; those of the running statement may still be committed.
    mutating func divertAll() -> [PendingRow] {
        let rows = (inFlight + waiting).filter { !$0.isDiverted }
        divert(rows)
        return rows
    }

    private mutating func divert(_ rows: [PendingRow]) {
        for row in rows { row.isDiverted = true }
        waiting.removeAll(where: \.isDiverted)
    }
}
