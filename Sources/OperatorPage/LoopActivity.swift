package import Heartbeat
internal import Synchronization

/// What the page has of one loop's heartbeats beside the metrics; readable from any thread.
///
/// To count a caller takes under 0.1 µs; a loop with more callers than there is room for, all of them equally busy, is
/// the exception. Failures cost more, and are few.
package final class LoopActivity: Sendable {
    private let callers = Mutex(CallerTable())
    private let failures = Mutex(FailureRing())

    package init() {}

    /// - Parameter code: of the answer; nil: the heartbeat was recorded.
    package func note(_ row: AuditRow, code: ErrorCode?, duration: Duration) {
        if let caller = row.caller { callers.withLock { $0.count(caller, isFailure: code != nil) } }
        guard let code else { return }
        failures.withLock { $0.add(Failure(row, code: code, duration: duration)) }
    }

    package var callerTallies: CallerTable.Tallies { callers.withLock { $0.tallies } }
    package var lastFailures: [Failure] { failures.withLock { $0.failures } }
}
