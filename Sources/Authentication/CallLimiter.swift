package import HTTP
package import Heartbeat
import Synchronization

/// Counts the calls of all loops, and the bad credentials.
package final class CallLimiter: RateLimiter, Sendable {
    static let callersMax = 16_384
    /// Bad credentials of one client.
    static let failureLimit = RateLimit(rate: 1, burst: 10)
    /// Clients whose bad credentials are remembered.
    static let clientsMax = 16_384

    private let standard: RateLimit?
    private let now: @Sendable () -> Moment
    private let trustedProxies: TrustedProxies
    private let callers = Mutex(BucketTable<Caller.Identity>(bucketsMax: callersMax))

    private let failures = Mutex(BucketTable<IPAddress>(bucketsMax: clientsMax))

    /// - Parameters:
    ///   - standard: of each caller whose key has no limit of its own; nil: none.
    ///   - trustedProxies: whose own calls are anybody's: their bad credentials are not counted.
    package init(
        standard: RateLimit?, trustedProxies: TrustedProxies = TrustedProxies(),
        now: @escaping @Sendable () -> Moment = { .now }
    ) {
        self.standard = standard
        self.trustedProxies = trustedProxies
        self.now = now
    }

    package func take(for caller: Caller) -> RateStanding? {
        guard let limit = caller.rateLimit ?? standard else { return nil }
        // Inside, so that the times come in order.
        return callers.withLock { $0.take(caller.identity, limit, now: now()) }
    }
    package func wait(beforeAuthenticatingFrom address: String?) -> Duration? {
        guard let client = client(at: address), let bucket = failures.withLock({ $0[client] }) else { return nil }
        let wait = bucket.wait(Self.failureLimit, now: now())
        return wait > .zero ? wait : nil
    }

    package func noteFailure(from address: String?) {
        guard let client = client(at: address) else { return }
        failures.withLock { $0.drain(client, Self.failureLimit, now: now()) }
    }

    /// - Returns: nil where none can be told from others: on a Unix socket, or behind a proxy that names nobody.
    private func client(at address: String?) -> IPAddress? {
        guard let address, let address = IPAddress(ofClient: address), !trustedProxies.contains(address) else {
            return nil
        }
        return address.subscriber
    }
}
