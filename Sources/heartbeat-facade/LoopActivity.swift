import Heartbeat
import OperatorPage
import Synchronization

/// What the operator's page has of one loop's heartbeats beside its metrics; readable from any thread.
final class LoopActivity: Sendable {
    private let callers = Mutex(CallerTable())
    private let failures = Mutex(FailureRing())

    func note(_ row: AuditRow, code: ErrorCode?, duration: Duration) {
        if let caller = row.caller { callers.withLock { $0.count(caller, isFailure: code != nil) } }
        guard let code else { return }
        failures.withLock { $0.add(Failure(row, code: code, duration: duration)) }
    }

    var callerTallies: CallerTable.Tallies { callers.withLock { $0.tallies } }
    var lastFailures: [Failure] { failures.withLock { $0.failures } }
}
