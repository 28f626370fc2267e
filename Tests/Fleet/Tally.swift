/// What became of a fleet's beats.
package struct Tally: Sendable {
    package var beats = 0
    package var recorded = 0
    /// By the reason.
    package var refused: [String: Int] = [:]
    /// Beats that were told that their task is over.
    package var gone = 0
    /// Where beats go straight to SWF: how often they were sent.
    package var attempts = 0

    package init() {}

    package var refusedCount: Int { refused.values.reduce(0, +) }

    mutating func note(_ outcome: Outcome) {
        beats += 1
        switch outcome {
        case .recorded: recorded += 1
        case .gone: gone += 1
        case .refused(let reason): refused[reason, default: 0] += 1
        }
    }
}

/// A cancellation that SWF was asked for, and when the task's worker heard of it.
package struct Cancellation: Sendable {
    /// When SWF was asked, at the latest it knew then.
    let requestedAt: ContinuousClock.Instant
    var knownAt: ContinuousClock.Instant?
    var toldAt: ContinuousClock.Instant?
    /// Beats that were sent later than a status may be old and were told that nobody asked.
    package var missed = 0

    /// From the request on.
    package var delay: Duration? { toldAt.map { $0 - requestedAt } }
}

/// What came of a run.
package struct Report: Sendable {
    package var tally = Tally()
    package var cancellations: [Cancellation] = []
    /// What SWF says: tasks that timed out, calls that came, calls that were throttled.
    package var lost = 0
    package var calls = 0
    package var throttled = 0
    /// Of the workers with boto3: its version and retry mode, and their beats.
    package var boto3: (version: String, tally: Tally)?

    package init() {}

    package var told: [Duration] { cancellations.compactMap(\.delay).sorted() }
}
