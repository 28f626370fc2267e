package import Heartbeat
import Synchronization

/// Counts the calls of all loops.
package final class CallLimiter: RateLimiter, Sendable {
    /// Of callers.
    static let callersMax = 16_384

    private let standard: RateLimit?
    private let now: @Sendable () -> ContinuousClock.Instant
    private let callers = Mutex(BucketTable<String>(bucketsMax: callersMax))

    /// - Parameter standard: of each caller whose key has no limit of its own; nil: none.
    package init(standard: RateLimit?, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.standard = standard
        self.now = now
    }

    package func take(for caller: Caller) -> RateStanding? {
        guard let limit = caller.rateLimit ?? standard else { return nil }
        // Inside, so that the times come in order.
        return callers.withLock { $0.take(caller.name, limit, now: now()) }
    }
}
