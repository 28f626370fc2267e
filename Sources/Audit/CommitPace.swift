internal import Heartbeat

/// How many more requests may be let in whose rows PostgreSQL is to commit in time.
///
/// A row waits for the statement that runs, and for its own. So as many are let in while a statement runs as the next
/// one has time for, by what the last one and the running one say. They become rows now or later: as long as no more
/// are let in for each statement, no more come to one in the long run.
///
/// A statement has the time of a few that had hardly anything to do: where those are quick, one that is slow has too
/// many rows, and callers wait for nothing.
struct CommitPace: Sendable {
    /// Asked for each request, more than once: whole numbers take a tenth of what a `Duration` does.
    private typealias Nanoseconds = Int64

    /// Times the least that a statement took lately.
    private static let leastFactor: Int64 = 4
    private static let statementMin = Duration.milliseconds(20)
    /// Of the time in which a row is to be committed, whatever the least is.
    private static let shareMax = 0.4
    /// So many may go in a statement in any case: a commit that is slow by itself is hardly slower with them.
    static let rowsMin = 64
    /// How long the least of the statements is kept.
    private static let interval = Duration.seconds(10)

    private let commitTimeout: Nanoseconds
    /// What a statement may take at the least, and at the most.
    private let statementTimes: (min: Nanoseconds, max: Nanoseconds)
    /// By what the last statement says.
    private var rowsMax = Int.max
    /// Of the one that runs.
    private var rows: Int?
    /// When it began, or the last one ended.
    private var since: Moment?
    /// Were let in since then.
    private var expected = 0
    /// Of this interval and of the one before.
    private var least = (now: Duration.seconds(1000).nanoseconds, before: Duration.seconds(1000).nanoseconds)
    private var intervalEnd: Moment?
    /// Whether in this interval a statement had all the rows that it may have.
    private var wasFull = false

    init(commitTimeout: Duration) {
        self.commitTimeout = commitTimeout.nanoseconds
        statementTimes = (Self.statementMin.nanoseconds, (commitTimeout * Self.shareMax).nanoseconds)
    }

    mutating func statementBegan(rows: Int, at now: Moment) {
        self.rows = rows
        since = now
        expected = 0
    }

    /// - Parameters:
    ///   - succeeded: whether its time says something of the next one's.
    ///   - waiting: rows for the next one.
    mutating func statementEnded(succeeded: Bool, waiting: Int, at now: Moment) {
        if room(waiting: waiting, at: now) == 0 { wasFull = true }
        if succeeded, let rows, let since {
            let time = now.nanoseconds(since: since)
            note(time, at: now)
            rowsMax = rowsMax(rows, in: time)
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
    func room(waiting: Int, at now: Moment) -> Int {
        guard let since else { return .max }
        let time = now.nanoseconds(since: since)
        guard time < commitTimeout else { return .max }
        let rowsMax = min(self.rowsMax, rows.map { self.rowsMax($0, in: time) } ?? .max)
        return rowsMax == .max ? .max : max(0, rowsMax - waiting - expected)
    }

    /// As one more would be as quick for each row.
    /// - Parameters:
    ///   - rows: of a statement.
    ///   - time: that it took, or has taken so far.
    private func rowsMax(_ rows: Int, in time: Nanoseconds) -> Int {
        let timeMax = min(max(min(least.now, least.before) * Self.leastFactor, statementTimes.min), statementTimes.max)
        let microsecond: Nanoseconds = 1000
        let (product, overflow) = Nanoseconds(rows).multipliedReportingOverflow(by: timeMax)
        return overflow ? .max : max(Self.rowsMin, Int(product / max(time, microsecond)))
    }

    /// In an interval in which there was more to do all the time, none was as quick as it could be.
    private mutating func note(_ time: Nanoseconds, at now: Moment) {
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
