/// How long to wait before the next attempt: doubled with each failure, up to a limit, and spread at random so that the
/// replicas do not all come at once.
package struct Backoff: Sendable {
    package static let delayMin: Duration = .milliseconds(100)
    package static let delayMax: Duration = .seconds(5)

    private var failures = 0

    package init() {}

    /// The delay after one more failure: between half of the doubled delay and all of it.
    /// - Parameter spread: 0 to 1, at random.
    package mutating func next(spread: Double = .random(in: 0...1)) -> Duration {
        let doublingsMax = 6
        let delay = min(Self.delayMin * (1 << min(failures, doublingsMax)), Self.delayMax)
        failures += 1
        return delay / 2 + delay / 2 * spread
    }

    package mutating func reset() {
        failures = 0
    }
}
