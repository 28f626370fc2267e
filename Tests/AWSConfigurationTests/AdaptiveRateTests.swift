import AWSConfiguration
import TestSupport
import Testing

/// What happens to a client, in order, on a manual clock.
private struct Event {
    /// Seconds since the one before.
    var pause: Double
    var wasThrottled: Bool
}

struct AdaptiveRateTests {
    @Test func `no limit before the first throttling`() {
        var rate = AdaptiveRate(now: 100)
        for call in 0..<1000 {
            #expect(rate.take(at: 100 + Double(call) / 1000, timeLeft: 1) == 0)
            rate.ended(wasThrottled: false, at: 100 + Double(call) / 1000)
        }
        #expect(rate.limit == nil)
    }

    @Test func `a token that comes too late is not taken`() {
        var rate = AdaptiveRate(now: 0)
        rate.ended(wasThrottled: true, at: 0)
        #expect(rate.limit == 0.5)
        #expect(rate.take(at: 0, timeLeft: 2) == nil)
        #expect(rate.take(at: 0, timeLeft: 2.5) == 2)
        // The second one waits for the first one's token too.
        #expect(rate.take(at: 0, timeLeft: 10) == 4)
    }

    @Test func `the rate goes as botocore's does`() throws {
        var random = SystemRandomNumberGenerator()
        let events = (0..<2000).map { index in
            Event(
                pause: Double.random(in: 0.001...0.2, using: &random),
                wasThrottled: (400..<420).contains(index) || Int.random(in: 0..<50, using: &random) == 0)
        }
        let program = """
            import sys
            from botocore.retries import adaptive, bucket, throttling
            class Clock:
                now = 1000.0
                def current_time(self): return self.now
            class Detector:
                throttled = False
                def is_throttling_error(self, **_): return self.throttled
            clock, detector = Clock(), Detector()
            limiter = adaptive.ClientRateLimiter(
                throttling.CubicCalculator(starting_max_rate=0, start_time=clock.now),
                adaptive.RateClocker(clock), bucket.TokenBucket(max_rate=1, clock=clock), detector, clock)
            for line in sys.argv[1].split():
                pause, throttled = line.split(",")
                clock.now += float(pause)
                detector.throttled = throttled == "1"
                limiter.on_receiving_response()
                print(repr(limiter._token_bucket.max_rate) if limiter._enabled else "none")
            """
        let lines = events.map { "\($0.pause),\($0.wasThrottled ? 1 : 0)" }.joined(separator: " ")
        let expected = try Python.run(program, [lines]).split(separator: "\n").map { Double($0) }
        var rate = AdaptiveRate(now: 1000)
        var now = 1000.0
        for (event, expected) in zip(events, expected) {
            now += event.pause
            rate.ended(wasThrottled: event.wasThrottled, at: now)
            switch (rate.limit, expected) {
            case (nil, nil): break
            case (let limit?, let expected?): try #require(abs(limit - expected) <= 1e-6 * expected)
            default: Issue.record("\(String(describing: rate.limit)) is not \(String(describing: expected))")
            }
        }
        #expect(expected.count == events.count)
    }
}
