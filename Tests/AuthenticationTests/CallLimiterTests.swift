import Authentication
import EventLoop
import Heartbeat
import Synchronization
import TestSupport
import Testing

struct CallLimiterTests {
    private static let limit = RateLimit(rate: 10, burst: 500)

    private static func caller(_ name: String, limit: RateLimit? = nil) -> Caller {
        Caller(name: name, authentication: .apiKey, rateLimit: limit)
    }

    @Test func `loops that count at once let through as many as the burst, and each caller's own`() {
        let start = ContinuousClock.now
        let limiter = CallLimiter(standard: Self.limit, now: { start })
        let allowed = Mutex<[String: Int]>([:])
        let threads = (0..<8).map { number in
            Thread(named: "loop-\(number)") {
                for call in 0..<400 {
                    let name = "caller-\(call % 2)"
                    guard limiter.take(for: Self.caller(name))?.isAllowed == true else { continue }
                    allowed.withLock { $0[name, default: 0] += 1 }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(allowed.withLock(\.self) == ["caller-0": 500, "caller-1": 500])
    }

    @Test func `a key's own limit goes before the setting`() {
        let start = ContinuousClock.now
        let limiter = CallLimiter(standard: Self.limit, now: { start })
        let own = RateLimit(rate: 1, burst: 2)
        #expect(limiter.take(for: Self.caller("a", limit: own))?.limit == own)
        #expect(limiter.take(for: Self.caller("b"))?.limit == Self.limit)
        #expect(CallLimiter(standard: nil).take(for: Self.caller("a", limit: own))?.limit == own)
        #expect(CallLimiter(standard: nil).take(for: Self.caller("a")) == nil)
    }
}
