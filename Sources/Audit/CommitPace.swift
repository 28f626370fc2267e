/// How many more requests may be let in whose rows PostgreSQL is to commit in time.
///
/// A row waits for the statement that runs, and for its own. So as many are let in while a statement runs as the next
/// one has time for, by what the last one and the running one say. They become rows now or later: as long as no more
/// are let in for each statement, no more come to one in the long run.
///
/// A statement has the time of a few that had hardly anything to do: where those are quick, one that is slow has too
/// many rows, and callers wait for nothing.
struct CommitPace: Sendable {
    /// Times the least that a statement took lately.
    private static let leastFactor = 4
    private static let statementMin = Duration.milliseconds(20)
    /// Of the time in which a row is to be committed, whatever the least is.
    private static let shareMax = 0.4
    /// So many may go in a statement in any case: a commit that is slow by itself is hardly slower with them.
    static let rowsMin = 64
    /// How long the least of the statements is kept.
    private static let interval = Duration.seconds(10)

    private struct Statement: Sendable {
        var rows: Int
        var time: Duration
    }

    private let commitTimeout: Duration
    private var last: Statement?
    /// Of the one that runs.
    private var rows: Int?
    /// When it began, or the last one ended.
    private var since: ContinuousClock.Instant?
    /// Were let in since then.
    private var expected = 0
    /// Of this interval and of the one before.
    private var least = (now: Duration.seconds(1000), before: Duration.seconds(1000))
    private var intervalEnd: ContinuousClock.Instant?
    /// Whether in this interval a statement had all the rows that it may have.
    private var wasFull = false

    init(commitTimeout: Duration) {
        self.commitTimeout = commitTimeout
    }

    mutating func statementBegan(rows: Int, at now: ContinuousClock.Instant) {
        self.rows = rows
        since = now
        expected = 0
    }

    /// - Parameters:
    ///   - succeeded: whether its time says something of the next one's.
    ///   - waiting: rows for the next one.
    mutating func statementEnded(succeeded: Bool, waiting: Int, at now: ContinuousClock.Instant) {
        if room(waiting: waiting, at: now) == 0 { wasFull = true }
        if succeeded, let rows, let since {
            last = Statement(rows: rows, time: now - since)
            note(now - since, at: now)
        }
        rows = nil
        since = now
        expected = 0
    }

    /// A request was let in.
    mutating func requestBegan() {
        expected += 1
    }

    /// How many more may be let in. Where PostgreSQL stands still, or had nothing to do for long, that is not known:
    /// there may be any number. A heartbeat that is not relayed can cost the task its life, one whose row fails does
    /// not.
    /// - Parameter waiting: rows for the next statement.
    func room(waiting: Int, at now: ContinuousClock.Instant) -> Int {
        guard let since, now - since < commitTimeout else { return .max }
        var rowsMax = last.map(rowsMax) ?? .max
        if let rows { rowsMax = min(rowsMax, self.rowsMax(Statement(rows: rows, time: now - since))) }
        return rowsMax == .max ? .max : max(0, rowsMax - waiting - expected)
    }

    /// As one more would be as quick for each row.
    private func rowsMax(_ statement: Statement) -> Int {
        let least = min(least.now, least.before)
        let time = min(max(least * Self.leastFactor, Self.statementMin), commitTimeout * Self.shareMax)
        let rows = Double(statement.rows) * (time / max(statement.time, .microseconds(1)))
        return max(Self.rowsMin, rows < Double(Int32.max) ? Int(rows) : .max)
    }

    /// In an interval in which there was more to do all the time, none was as quick as it could be.
    private mutating func note(_ time: Duration, at now: ContinuousClock.Instant) {
        least.now = min(least.now, time)
        guard let intervalEnd, now < intervalEnd else {
            least.before = wasFull ? min(least.before, least.now) : least.now
            least.now = time
            wasFull = false
            intervalEnd = now + Self.interval
            return
        }
    }
}
