import Heartbeat
import Telemetry

@testable import OperatorPage

extension Totals {
    /// - Parameters:
    ///   - latency: of the buckets up to 10 ms, 100 ms, 1 s, and beyond.
    static func sample(
        _ outcomes: [ErrorCode?: Int], latency: [Int] = [0, 0, 0, 0], callers: CallerTable.Tallies = [:]
    ) -> Totals {
        func reading(_ counts: [Int]) -> HistogramReading { HistogramReading(bounds: [0.01, 0.1, 1], counts: counts) }
        return Totals(
            outcomes: outcomes, latency: reading(latency), upstreamDuration: reading([2, 0, 0, 0]),
            commitDuration: reading([1, 0, 0, 0]), committedRows: 7, spooledRows: 0, coalesced: 1, callers: callers)
    }
}

extension Overview {
    static func sample(_ change: (inout Overview) -> Void = { _ in }) -> Overview {
        var overview = Overview(
            instance: "host-1", version: "1.2.3", now: 1_763_740_800_000_000, runningFor: .seconds(3725), loops: 2,
            isReady: true, isDraining: false, checks: [], totals: .sample([nil: 1234]), recent: nil, history: [],
            connections: 12, busyConnections: 3,
            budget: Budget(rate: nil, left: 1, queued: 0, circuit: .closed, tasks: 40), pendingRows: 0, spool: nil,
            silentTasks: [], silentCount: 0, failures: [])
        change(&overview)
        return overview
    }
}

extension Caller {
    init(_ name: String, byToken: Bool = false) {
        self.init(name: name, authentication: byToken ? .jwt : .apiKey)
    }
}
