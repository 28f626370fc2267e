package import EventLoop
package import Heartbeat
internal import Synchronization

/// Keeps the audit rows of callers that nobody knows few: a flood of bad credentials must not become one of rows.
///
/// As long as such refusals come rarely, each is a row of its own. Beyond that, those of one second and one outcome are
/// one row together: the first one's, whose details say how many they were (`{"refused":123}`), with their client's
/// address where they all have the same. Their answers wait for that row as every answer does for its own.
///
/// For use on its loop only.
package final class RefusalLog: AuditLog {
    /// How many rows of their own refusals may have: one for all loops.
    package final class Allowance: Sendable {
        static let limit = RateLimit(rate: 10, burst: 10)

        private let bucket: Mutex<TokenBucket>
        private let now: @Sendable () -> Moment

        package init(now: @escaping @Sendable () -> Moment = { .now }) {
            self.now = now
            bucket = Mutex(TokenBucket(now: now()))
        }

        func take() -> Bool {
            bucket.withLock { $0.take(Self.limit, now: now()).isAllowed }
        }
    }

    package typealias Result = Swift.Result<Void, AuditFailure>

    /// Refusals that are to be one row.
    private struct Summary {
        var row: AuditRow
        /// The shortest of their callers'.
        var wait: Duration
        var waiters: [Suspension<Result>]
    }

    /// How long refusals are gathered for a row.
    static let interval = Duration.seconds(1)

    private let keep: (AuditRow, Duration, @escaping (Result) -> Void) -> Void
    private let allowance: Allowance
    private let summarised: (Int) -> Void
    private var timer: LoopTimer?
    /// By outcome.
    private var open: [String: Summary] = [:]

    /// - Parameters:
    ///   - keep: where all rows go: `AuditWriter.append`.
    ///   - summarised: told how many refusals are kept by a row that says how many they were.
    package init(
        keep: @escaping (AuditRow, Duration, @escaping (Result) -> Void) -> Void, allowance: Allowance,
        on loop: EventLoop, summarised: @escaping (Int) -> Void = { _ in }
    ) {
        self.keep = keep
        self.allowance = allowance
        self.summarised = summarised
        timer = LoopTimer(on: loop) { [weak self] in self?.flush() }
    }

    package func append(_ row: AuditRow, wait: Duration) async throws(AuditFailure) {
        let result = await Suspension<Result>.wait { waiter in
            if row.isOfKnownCaller || allowance.take() {
                keep(row, wait, waiter.resume(returning:))
            } else {
                gather(row, wait, waiter)
            }
        }
        try result.get()
    }

    /// Has what is gathered written.
    package func flush() {
        for summary in open.values { write(summary) }
        open = [:]
    }

    /// Nothing is to be appended any more.
    package func stop() {
        timer?.cancel()
    }

    private func gather(_ row: AuditRow, _ wait: Duration, _ waiter: Suspension<Result>) {
        // Not twice in memory, which would copy all that wait.
        guard var summary = open.removeValue(forKey: row.outcome) else {
            if open.isEmpty { timer?.set(.now + Self.interval) }
            open[row.outcome] = Summary(row: row, wait: wait, waiters: [waiter])
            return
        }
        if row.clientAddress != summary.row.clientAddress { summary.row.clientAddress = nil }
        summary.wait = min(summary.wait, wait)
        summary.waiters.append(waiter)
        open[row.outcome] = summary
    }

    private func write(_ summary: Summary) {
        let (waiters, summarised) = (summary.waiters, summarised)
        var row = summary.row
        // One alone is what it is.
        if waiters.count > 1 { row.keep("{\"refused\":\(waiters.count)}", as: .full) }
        keep(row, summary.wait) { result in
            if case .success = result, waiters.count > 1 { summarised(waiters.count) }
            for waiter in waiters { waiter.resume(returning: result) }
        }
    }
}

extension AuditRow {
    /// Not by `!=`, which copies both callers.
    fileprivate var isOfKnownCaller: Bool { if case .some = caller { true } else { false } }
}
