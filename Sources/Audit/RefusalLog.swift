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

    /// Refusals that are to be one row.
    private struct Summary: Sendable {
        var row: AuditRow
        /// The shortest of their callers'.
        var wait: Duration
        /// Waits until it is time to write.
        let writer: Suspension<Turn>
        /// Wait for the row.
        var others: [Suspension<Turn>] = []

        var count: Int { 1 + others.count }
    }

    /// What a refusal that had to wait has to do.
    private enum Turn: Sendable {
        case write(Summary)
        case finish(Result<Void, AuditFailure>)
    }

    /// How long refusals are gathered for a row.
    static let interval = Duration.seconds(1)

    private let rows: any AuditLog
    private let allowance: Allowance
    private let summarised: (Int) -> Void
    private var timer: LoopTimer?
    /// By outcome.
    private var open: [String: Summary] = [:]
    private var writing = 0
    private var flushers: [Suspension<Void>] = []

    /// - Parameters:
    ///   - rows: where all rows go.
    ///   - summarised: told how many refusals are kept by a row that says how many they were.
    package init(
        _ rows: any AuditLog, allowance: Allowance, on loop: EventLoop, summarised: @escaping (Int) -> Void = { _ in }
    ) {
        self.rows = rows
        self.allowance = allowance
        self.summarised = summarised
        timer = LoopTimer(on: loop) { [weak self] in self?.close() }
    }

    package func append(_ row: AuditRow, wait: Duration) async throws(AuditFailure) {
        guard row.caller == nil, !allowance.take() else { return try await rows.append(row, wait: wait) }
        switch await Suspension<Turn>.wait({ gather(row, wait, $0) }) {
        case .finish(let result): try result.get()
        case .write(let summary): try await write(summary)
        }
    }

    /// Writes what is gathered, and returns once that is done.
    package func flush() async {
        close()
        await Suspension.wait { flusher in
            if writing == 0 { flusher.resume(returning: ()) } else { flushers.append(flusher) }
        }
    }

    /// Nothing is to be appended any more.
    package func stop() {
        timer?.cancel()
    }

    private func gather(_ row: AuditRow, _ wait: Duration, _ waiter: Suspension<Turn>) {
        guard var summary = open[row.outcome] else {
            if open.isEmpty { timer?.set(.now + Self.interval) }
            open[row.outcome] = Summary(row: row, wait: wait, writer: waiter)
            return
        }
        // Not twice in memory, which would copy all that wait.
        open[row.outcome] = nil
        if row.clientAddress != summary.row.clientAddress { summary.row.clientAddress = nil }
        summary.wait = min(summary.wait, wait)
        summary.others.append(waiter)
        open[row.outcome] = summary
    }

    private func close() {
        writing += open.count
        for summary in open.values { summary.writer.resume(returning: .write(summary)) }
        open = [:]
    }

    private func write(_ summary: Summary) async throws(AuditFailure) {
        var row = summary.row
        // One alone is what it is.
        if summary.count > 1 { row.keep("{\"refused\":\(summary.count)}", as: .full) }
        var result: Result<Void, AuditFailure> = .success(())
        do throws(AuditFailure) {
            try await rows.append(row, wait: summary.wait)
            if summary.count > 1 { summarised(summary.count) }
        } catch {
            result = .failure(error)
        }
        for other in summary.others { other.resume(returning: .finish(result)) }
        writing -= 1
        if writing == 0 {
            for flusher in flushers { flusher.resume(returning: ()) }
            flushers = []
        }
        try result.get()
    }
}
