/// How fast calls may be sent, learnt from throttling: the SDKs' adaptive retry mode.
///
/// No limit until the first throttling. From then on a token bucket, whose rate falls to 70 % of what was sent when a
/// call is throttled, and grows back along the cubic curve of TCP CUBIC (RFC 9438 §4.2).
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
package struct AdaptiveRate: Sendable {
    private static let decrease = 0.7
    private static let growth = 0.4
    private static let rateMin = 0.5
    private static let measuringInterval = 0.5
    private static let smoothing = 0.8
    /// The rate may be twice what is really sent, so that it does not grow without end while little is sent.
    private static let measuredRateFactor = 2.0

    private var isLimiting = false
    private var rate = AdaptiveRate.rateMin
    private var tokens = 0.0
    private var refilledAt: Double
    // The curve.
    private var rateAtThrottling = 0.0
    private var throttledAt: Double
    // The measuring.
    private var measuredRate = 0.0
    private var intervalBegin: Double
    private var sentInInterval = 0

    /// - Parameter now: seconds on a clock that only goes forward.
    package init(now: Double) {
        refilledAt = now
        throttledAt = now
        intervalBegin = now.rounded(.down)
    }

    /// Takes the token of one call.
    /// - Parameter timeLeft: seconds; where it would be ready only after them, no token is taken.
    /// - Returns: in how many seconds the call may be sent; nil: not in time.
    package mutating func take(at now: Double, timeLeft: Double) -> Double? {
        guard isLimiting else { return 0 }
        let wait = wait(for: 1, at: now)
        guard wait < timeLeft else { return nil }
        refill(at: now)
        // Below zero: later calls wait for this one's token too.
        tokens -= 1
        return wait
    }

    /// In how many seconds there are so many tokens at once, if none is taken meanwhile.
    package func wait(for count: Int, at now: Double) -> Double {
        isLimiting ? max(0, (Double(count) - tokens(at: now)) / rate) : 0
    }

    /// Of the tokens that there can be, those there are: 0 to 1.
    package func level(at now: Double) -> Double {
        isLimiting ? max(0, tokens(at: now) / tokensMax) : 1
    }

    /// To be told of each attempt that the service answered, or that got no answer.
    package mutating func ended(wasThrottled: Bool, at now: Double) {
        measure(at: now)
        let target: Double
        if wasThrottled {
            let sent = isLimiting ? min(measuredRate, rate) : measuredRate
            rateAtThrottling = sent
            throttledAt = now
            target = sent * Self.decrease
            isLimiting = true
        } else {
            target = curve(at: now)
        }
        refill(at: now)
        rate = max(min(target, Self.measuredRateFactor * measuredRate), Self.rateMin)
        tokens = min(tokens, tokensMax)
    }

    /// Calls a second; nil: not limited.
    package var limit: Double? { isLimiting ? rate : nil }

    private var tokensMax: Double { max(rate, 1) }

    private func tokens(at now: Double) -> Double {
        min(tokensMax, tokens + (now - refilledAt) * rate)
    }

    private mutating func refill(at now: Double) {
        tokens = tokens(at: now)
        refilledAt = now
    }

    private func curve(at now: Double) -> Double {
        let flat = cubeRoot(rateAtThrottling * (1 - Self.decrease) / Self.growth)
        let time = now - throttledAt - flat
        return Self.growth * time * time * time + rateAtThrottling
    }

    private mutating func measure(at now: Double) {
        sentInInterval += 1
        let begin = (now / Self.measuringInterval).rounded(.down) * Self.measuringInterval
        guard begin > intervalBegin else { return }
        let current = Double(sentInInterval) / (begin - intervalBegin)
        measuredRate = current * Self.smoothing + measuredRate * (1 - Self.smoothing)
        sentInInterval = 0
        intervalBegin = begin
    }
}

/// Newton's method: pure code has no libm to ask.
private func cubeRoot(_ value: Double) -> Double {
    guard value > 0 else { return 0 }
    var root = max(value, 1)
    for _ in 0..<200 {
        let next = (2 * root + value / (root * root)) / 3
        guard next < root else { return root }
        root = next
    }
    return root
}
