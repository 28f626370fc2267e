/// Tokens for calls, which come back at a limit's rate until its burst is there again.
///
/// All that is kept is when that will be (as the generic cell rate algorithm does, ITU-T I.371): a call is so much
/// time, and the limit may be another one at each call.
package struct TokenBucket: Sendable, Equatable {
    /// When the whole burst is there.
    package private(set) var fullAt: Moment

    /// A full one.
    package init(now: Moment) {
        fullAt = now
    }

    /// Takes a token if there is one.
    package mutating func take(_ limit: RateLimit, now: Moment) -> RateStanding {
        let wait = wait(limit, now: now)
        if wait == .zero { fullAt = max(fullAt, now) + limit.interval }
        return standing(limit, wait: wait, now: now)
    }

    /// Until there is a token, or so many of them; zero: they are there.
    package func wait(_ limit: RateLimit, for count: Int = 1, now: Moment) -> Duration {
        max(.zero, max(fullAt, now) + limit.interval * count - (now + limit.capacity))
    }

    /// Of the tokens that there can be, those there are: 0 to 1.
    package func level(_ limit: RateLimit, now: Moment) -> Double {
        1 - min(1, max(.zero, fullAt - now) / limit.capacity)
    }

    /// Takes a token, or what there is of one.
    package mutating func drain(_ limit: RateLimit, now: Moment) {
        fullAt = min(max(fullAt, now) + limit.interval, now + limit.capacity)
    }

    /// Takes all tokens that there are.
    package mutating func empty(_ limit: RateLimit, now: Moment) {
        fullAt = max(fullAt, now + limit.capacity)
    }

    private func standing(_ limit: RateLimit, wait: Duration, now: Moment) -> RateStanding {
        let untilFull = max(.zero, fullAt - now)
        let left = max(.zero, limit.capacity - untilFull)
        return RateStanding(
            limit: limit, wait: wait, remaining: Int(left.nanoseconds / limit.interval.nanoseconds),
            untilFull: untilFull)
    }
}

extension RateLimit {
    /// What one call takes, in whole nanoseconds.
    fileprivate var interval: Duration { .nanoseconds(1_000_000_000 / rate) }
    fileprivate var capacity: Duration { interval * burst }
}
