internal import AWSConfiguration
package import Heartbeat

/// How fast calls may be sent to SWF, which counts all that an account sends together.
package struct AccountRate: Sendable {
    package enum Rule: Sendable, Equatable {
        /// No limit until SWF throttles, then what the SDKs' adaptive retry mode learns.
        case learnt
        case known(RateLimit)
        case unlimited
    }

    private let rule: Rule
    private let origin: Moment
    private var bucket: TokenBucket
    private var adaptive = AdaptiveRate(now: 0)
    private var slowedAt: Moment?

    /// Calls do not arrive as evenly as they are sent: what can be sent in so much of a second is left to SWF's bucket.
    private static let reserve = 0.25

    package init(_ rule: Rule, now: Moment) {
        self.rule =
            if case .known(let limit) = rule {
                .known(RateLimit(rate: limit.rate, burst: limit.burst - Int(Double(limit.rate) * Self.reserve) - 1))
            } else {
                rule
            }
        origin = now
        bucket = TokenBucket(now: now)
    }

    /// Until so many calls may be sent at once; zero: now.
    package func wait(for count: Int = 1, at now: Moment) -> Duration {
        switch rule {
        case .unlimited: .zero
        case .known(let limit): bucket.wait(limit, for: count, now: now)
        case .learnt: adaptive.limit == nil ? .zero : .seconds(adaptive.wait(for: count, at: seconds(now)))
        }
    }

    /// Takes the token of a call, for which there is no wait.
    package mutating func take(at now: Moment) {
        switch rule {
        case .unlimited: break
        case .known(let limit): _ = bucket.take(limit, now: now)
        case .learnt: if adaptive.limit != nil { _ = adaptive.take(at: seconds(now), timeLeft: .infinity) }
        }
    }

    /// To be told of each attempt that has ended.
    package mutating func ended(
        wasThrottled: Bool, sentAt: Moment, at now: Moment
    ) {
        // What was sent before the rate fell says nothing of the rate since: a hundred calls that are throttled
        // together slow the next ones down once, not a hundred times (RFC 5681 §3.1 does so with a window's losses).
        let isNews = wasThrottled && slowedAt.map { sentAt > $0 } ?? true
        switch rule {
        case .unlimited: break
        case .known(let limit):
            // Others use the same account.
            if isNews { bucket.empty(limit, now: now) }
        case .learnt:
            adaptive.ended(wasThrottled: isNews, at: seconds(now))
        }
        if isNews { slowedAt = now }
    }

    /// Calls a second; nil: not limited.
    package var limit: Double? {
        switch rule {
        case .unlimited: nil
        case .known(let limit): Double(limit.rate)
        case .learnt: adaptive.limit
        }
    }

    /// Of the calls that could be sent at once, how many are used up: 0 to 1.
    package func scarcity(at now: Moment) -> Double {
        switch rule {
        case .unlimited: 0
        case .known(let limit): 1 - bucket.level(limit, now: now)
        case .learnt: 1 - adaptive.level(at: seconds(now))
        }
    }

    private func seconds(_ now: Moment) -> Double {
        now.seconds(since: origin)
    }
}
