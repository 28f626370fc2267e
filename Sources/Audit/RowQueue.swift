internal import Heartbeat

/// The rows that wait for a statement, in the order of their arrival and so of their deadlines, and those of the
/// statement that runs, which are older.
struct RowQueue {
    private(set) var waiting: [PendingRow] = []
    private(set) var inFlight: [PendingRow] = []

    var count: Int { waiting.count + inFlight.count }

    mutating func append(_ row: PendingRow) {
        waiting.append(row)
    }

    /// Takes the rows of the next statement: as many of the oldest as fit its limits, and at least one.
    mutating func beginStatement(rowsMax: Int, bytesMax: Int) -> [PendingRow] {
        var (count, limit, bytes) = (0, rowsMax, 0)
        for row in waiting {
            limit = min(limit, row.batchRowsMax)
            bytes += row.approximateBytes
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

    /// Puts the statement's rows back to be sent again, but for those whose callers have gone with a failure.
    mutating func returnToFront() {
        waiting.insert(contentsOf: inFlight.filter(\.isAwaited), at: 0)
        inFlight = []
    }

    /// Fails those whose time is up. One that was sent may still be committed; one that was not never will be.
    /// - Returns: how many it failed, and when the next one's time is up.
    mutating func expire(now: ContinuousClock.Instant) -> (failed: Int, next: ContinuousClock.Instant?) {
        let late = (inFlight + waiting.prefix { $0.deadline <= now }).filter { $0.isAwaited && $0.deadline <= now }
        for row in late { row.finish(.failure(.unavailable)) }
        waiting.removeAll { !$0.isAwaited }
        return (late.count, (inFlight.first(where: \.isAwaited) ?? waiting.first)?.deadline)
    }

    /// Fails all; those of the running statement may still be committed.
    mutating func failAll() {
        for row in inFlight { row.finish(.failure(.unavailable)) }
        failWaiting()
    }

    /// Fails those that wait for a statement.
    mutating func failWaiting() {
        for row in waiting { row.finish(.failure(.unavailable)) }
        waiting = []
    }
}
