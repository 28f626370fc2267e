/// How many calls are allowed: so many a second, and so many at once after a pause.
package struct RateLimit: Sendable, Hashable {
    package static let rateMax = 1_000_000

    /// A second, from 1 to `rateMax`, like the burst.
    package let rate: Int
    package let burst: Int

    package init(rate: Int, burst: Int) {
        self.rate = min(max(rate, 1), Self.rateMax)
        self.burst = min(max(burst, 1), Self.rateMax)
    }

    /// As operators write it: `10/s`, or `10/s:50` with a burst, which is else as many as the rate.
    /// - Returns: nil where it is not that, or a number is not from 1 to `rateMax`.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: ":"), maxSplits: 1, omittingEmptySubsequences: false)
        let unit = Array("/s".utf8)
        guard parts[0].suffix(unit.count).elementsEqual(unit), let rate = Self.number(parts[0].dropLast(unit.count))
        else { return nil }
        guard parts.count > 1 else {
            self.init(rate: rate, burst: rate)
            return
        }
        guard let burst = Self.number(parts[1]) else { return nil }
        self.init(rate: rate, burst: burst)
    }

    private static func number(_ digits: Substring.UTF8View) -> Int? {
        guard (1...7).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(Substring(digits)).flatMap { (1...rateMax).contains($0) ? $0 : nil }
    }
}

extension RateLimit: CustomStringConvertible {
    package var description: String { "\(rate)/s:\(burst)" }
}

/// How a caller stands with its limit after a call.
package struct RateStanding: Sendable, Equatable {
    package let limit: RateLimit
    /// Until there is a token for the call; zero: it has one.
    package let wait: Duration
    /// Tokens left.
    package let remaining: Int
    /// Until the whole burst is there again.
    package let untilFull: Duration

    package init(limit: RateLimit, wait: Duration, remaining: Int, untilFull: Duration) {
        self.limit = limit
        self.wait = wait
        self.remaining = remaining
        self.untilFull = untilFull
    }

    package var isAllowed: Bool { wait == .zero }

    /// The fields that tell the caller (draft-ietf-httpapi-ratelimit-headers): the quota is the burst, the window what
    /// the whole of it takes to come back.
    var fields: [(name: String, value: String)] {
        let window = (limit.burst + limit.rate - 1) / limit.rate
        return [
            ("RateLimit-Policy", "\"default\";q=\(limit.burst);w=\(window)"),
            ("RateLimit", "\"default\";r=\(remaining);t=\(untilFull.secondsRoundedUp)"),
        ]
    }
}

extension Duration {
    /// Whole seconds.
    package var secondsRoundedUp: Int {
        let (seconds, attoseconds) = components
        return Int(clamping: seconds) + (attoseconds > 0 ? 1 : 0)
    }
}
