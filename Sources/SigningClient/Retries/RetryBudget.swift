internal import Synchronization

/// What the process may spend on retries: where most calls fail, more calls would only make it worse.
///
/// The SDKs' standard retry mode: retries take tokens, successes give them back.
package final class RetryBudget: Sendable {
    package static let tokensMax = 500

    private let tokens = Mutex(RetryBudget.tokensMax)

    package init() {}

    /// - Returns: false where there are too few left; then none is taken.
    package func take(_ cost: Int) -> Bool {
        tokens.withLock { tokens in
            guard tokens >= cost else { return false }
            tokens -= cost
            return true
        }
    }

    package func giveBack(_ count: Int) {
        tokens.withLock { $0 = min($0 + count, Self.tokensMax) }
    }

    package var tokensLeft: Int { tokens.withLock(\.self) }
}
