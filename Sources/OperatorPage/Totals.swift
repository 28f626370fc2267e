package import Heartbeat
package import Telemetry

/// What the loops' counters say together at one moment; or how much more than at an earlier one.
package struct Totals: Sendable, Equatable {
    /// Heartbeats that were answered, by outcome; nil: recorded.
    package var outcomes: [ErrorCode?: Int]
    /// Of heartbeats, until their answers.
    package var latency: HistogramReading
    /// Of calls to SWF, each attempt by itself.
    package var upstreamDuration: HistogramReading
    /// Of statements of audit rows.
    package var commitDuration: HistogramReading
    /// Audit rows, by where they went.
    package var committedRows: Int
    package var spooledRows: Int
    /// Heartbeats answered without a call of their own.
    package var coalesced: Int
    package var callers: CallerTable.Tallies

    package init(
        outcomes: [ErrorCode?: Int], latency: HistogramReading, upstreamDuration: HistogramReading,
        commitDuration: HistogramReading, committedRows: Int, spooledRows: Int, coalesced: Int,
        callers: CallerTable.Tallies
    ) {
        self.outcomes = outcomes
        self.latency = latency
        self.upstreamDuration = upstreamDuration
        self.commitDuration = commitDuration
        self.committedRows = committedRows
        self.spooledRows = spooledRows
        self.coalesced = coalesced
        self.callers = callers
    }

    package var beats: Int { outcomes.values.reduce(0, +) }

    /// Heartbeats whose answer has a status like this.
    package func beats(where isMeant: (Int) -> Bool) -> Int {
        outcomes.reduce(0) { $0 + (isMeant($1.key?.status ?? 200) ? $1.value : 0) }
    }

    package static func + (first: Self, second: Self) -> Self {
        Self(
            outcomes: first.outcomes.merging(second.outcomes, uniquingKeysWith: +),
            latency: first.latency + second.latency,
            upstreamDuration: first.upstreamDuration + second.upstreamDuration,
            commitDuration: first.commitDuration + second.commitDuration,
            committedRows: first.committedRows + second.committedRows,
            spooledRows: first.spooledRows + second.spooledRows, coalesced: first.coalesced + second.coalesced,
            callers: first.callers.merging(second.callers, uniquingKeysWith: +))
    }

    package static func - (later: Self, earlier: Self) -> Self {
        Self(
            outcomes: later.outcomes.merging(earlier.outcomes, uniquingKeysWith: -),
            latency: later.latency - earlier.latency,
            upstreamDuration: later.upstreamDuration - earlier.upstreamDuration,
            commitDuration: later.commitDuration - earlier.commitDuration,
            committedRows: later.committedRows - earlier.committedRows,
            spooledRows: later.spooledRows - earlier.spooledRows, coalesced: later.coalesced - earlier.coalesced,
            callers: CallerTable.difference(later.callers, earlier.callers))
    }
}
