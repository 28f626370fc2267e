import Audit
import EventLoop
import FlowControl
import Heartbeat
import LibCrypto
import OperatorPage
import Relaying
import Spool
import Telemetry

/// Puts together what the operator's page shows, from what the loops count and keep anyway.
struct OverviewSource: Sendable {
    private static let hashDigits = 16

    private let shared: SharedState
    private let checks: [ReadinessCheck]
    private let loops: [(metrics: LoopMetrics, activity: LoopActivity?)]
    private let startedAt = Moment.now

    init(_ shared: SharedState, workers: [Worker], checks: [ReadinessCheck]) {
        self.shared = shared
        self.checks = checks
        loops = workers.map { ($0.metrics, $0.activity) }
    }

    var totals: Totals {
        let all = loops.map { metrics, activity in
            Totals(
                outcomes: metrics.outcomes, latency: metrics.requestDuration.reading,
                upstreamDuration: metrics.upstreamDuration.reading,
                commitDuration: metrics.auditCommitDuration.reading,
                committedRows: metrics.auditRows.value, spooledRows: metrics.spooledRows.value,
                coalesced: metrics.joinedBeats.value + metrics.lastKnownBeats.value,
                callers: activity?.callerTallies ?? [:])
        }
        return all.dropFirst().reduce(all[0], +)
    }

    func overview(_ totals: Totals, _ window: Window) -> Overview {
        let checks = checks.map { Overview.Check(name: $0.name, fault: $0.fault(), isNeeded: $0.isNeeded()) }
        let now = Moment.now
        let absences = shared.relays.absences
        let busy = loops.reduce(0) { $0 + $1.metrics.activeConnections.value }
        return Overview(
            instance: shared.instance, version: Release.version, now: wallClockMicroseconds(),
            runningFor: now - startedAt, loops: loops.count,
            isReady: checks.allSatisfy { $0.fault == nil || !$0.isNeeded }, isDraining: shared.isDraining,
            checks: checks, totals: totals, recent: window.recent, history: window.history,
            connections: busy + loops.reduce(0) { $0 + $1.metrics.idleConnections.value }, busyConnections: busy,
            budget: Overview.Budget(shared.relays.snapshot),
            pendingRows: loops.reduce(0) { $0 + $1.metrics.auditPendingRows.value },
            spool: spool,
            silentTasks: absences.prefix(Overview.silentTasksMax).map { Self.silentTask($0, $1, at: now) },
            silentCount: absences.count, failures: loops.flatMap { $0.activity?.lastFailures ?? [] })
    }

    private var spool: Overview.Spool? {
        shared.spool.map { service in
            let status = service.spool.status.snapshot
            return Overview.Spool(
                rows: status.records, bytes: status.bytes, bytesMax: Int(shared.configuration.spoolLimit),
                corruptFiles: status.corruptSegments)
        }
    }

    private static func silentTask(_ task: TaskHash, _ absence: Absence, at now: Moment) -> Overview.SilentTask {
        let hash = lowercaseHex(task.octets)
        return Overview.SilentTask(
            tokenHash: String(hash.prefix(hashDigits)), caller: absence.caller, silentFor: now - absence.lastBeatAt,
            timeout: absence.timeout)
    }
}

extension Overview.Budget {
    fileprivate init(_ relays: RelayState.Snapshot) {
        let circuit: Circuit =
            switch relays.circuit {
            case .closed: .closed
            case .halfOpen: .halfOpen
            case .open: .open
            }
        self.init(
            rate: relays.rate, left: min(max(1 - relays.scarcity, 0), 1), queued: relays.queued, circuit: circuit,
            tasks: relays.tasks)
    }
}
