/// The attempts of one call: after each that failed, whether another one follows, and when.
package struct Attempts {
    /// What must be different at the next attempt.
    package enum Remedy: Sendable, Equatable {
        case nothing
        case newConnection
        case otherCredentials
        case correctedClock
    }

    package enum Next: Sendable, Equatable {
        case none
        case after(Duration, Remedy)
    }

    private static let throttlingDelayBase = Duration.seconds(1)
    private static let failureDelayBase = Duration.milliseconds(50)
    private static let delayMax = Duration.seconds(20)
    private static let retryAfterBeyondDelayMax = Duration.seconds(5)
    private static let throttlingCost = 5
    private static let failureCost = 14

    /// How many were made.
    package private(set) var count = 0
    private let countMax: Int
    /// Of the last retry.
    private var cost = 0
    /// What is tried once a call only.
    private var tried: Set<RetryCause> = []

    /// - Parameter max: 1 for no retries.
    package init(max: Int) {
        countMax = max
    }

    package mutating func begin() {
        count += 1
    }

    package func succeeded(_ budget: RetryBudget) {
        budget.giveBack(cost == 0 ? 1 : cost)
    }

    /// Decides what follows an attempt that failed.
    /// - Parameters:
    ///   - retryAfter: what the service asked for in `x-amz-retry-after`.
    ///   - timeLeft: until the call's deadline; a retry that could not begin before it is none.
    ///   - random: 0 to 1, the share of the longest delay (full jitter).
    package mutating func failed(
        _ cause: RetryCause, retryAfter: Duration?, timeLeft: Duration, random: Double, budget: RetryBudget
    ) -> Next {
        guard count < countMax else { return .none }
        switch cause {
        case .credentials, .clock:
            guard timeLeft > .zero, tried.insert(cause).inserted else { return .none }
            return .after(.zero, cause == .clock ? .correctedClock : .otherCredentials)
        case .malformed:
            guard tried.insert(cause).inserted else { return .none }
        case .throttling, .serviceFailure, .connection: break
        }
        let delay = delay(cause, retryAfter: retryAfter, random: random)
        let cost = cause == .throttling ? Self.throttlingCost : Self.failureCost
        guard delay < timeLeft, budget.take(cost) else { return .none }
        self.cost = cost
        return .after(delay, cause == .connection ? .newConnection : .nothing)
    }

    private func delay(_ cause: RetryCause, retryAfter: Duration?, random: Double) -> Duration {
        let base = cause == .throttling ? Self.throttlingDelayBase : Self.failureDelayBase
        let doublings = min(count - 1, 30)
        let delay = min(base * (1 << doublings), Self.delayMax) * random
        guard let retryAfter else { return delay }
        return max(delay, min(retryAfter, delay + Self.retryAfterBeyondDelayMax))
    }
}
