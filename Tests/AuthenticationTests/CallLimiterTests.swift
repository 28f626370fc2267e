import Authentication
import EventLoop
import HTTP
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
        let start = Moment.now
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

    @Test func `a token of a key's name does not use up the key's calls`() {
        let start = Moment.now
        let limiter = CallLimiter(standard: RateLimit(rate: 1, burst: 1), now: { start })
        let allowed = [Caller.Authentication.jwt, .jwt, .apiKey, .clientCertificate].map { way in
            limiter.take(for: Caller(name: "a", authentication: way))?.isAllowed
        }
        #expect(allowed == [true, false, true, false])
    }

    @Test func `a key's own limit goes before the setting`() {
        let start = Moment.now
        let limiter = CallLimiter(standard: Self.limit, now: { start })
        let own = RateLimit(rate: 1, burst: 2)
        #expect(limiter.take(for: Self.caller("a", limit: own))?.limit == own)
        #expect(limiter.take(for: Self.caller("b"))?.limit == Self.limit)
        #expect(CallLimiter(standard: nil).take(for: Self.caller("a", limit: own))?.limit == own)
        #expect(CallLimiter(standard: nil).take(for: Self.caller("a")) == nil)
    }

    /// Bad credentials from one address, and whether they hold against another.
    private static let clients: [(from: String?, at: String?, isHeld: Bool)] = [
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("192.0.2.1", nil, false),
        ("192.0.2.1", "::ffff:192.0.2.1", true), ("2001:db8::1", "2001:db8::ffff:1", true),
        ("2001:db8::1", "2001:db8:0:1::1", false), ("fe80::1%eth0", "fe80::1", true), (nil, nil, false),
        ("10.0.0.1", "10.0.0.1", false),
    ]

    @Test(arguments: clients) func `bad credentials hold against their client`(from: String?, at: String?, isHeld: Bool)
    {
        let start = Moment.now
        let elapsed = Mutex(Duration.zero)
        let limiter = CallLimiter(standard: nil, trustedProxies: TrustedProxies("10.0.0.0/8") ?? TrustedProxies()) {
            start + elapsed.withLock(\.self)
        }
        for _ in 0..<10 {
            #expect(limiter.wait(beforeAuthenticatingFrom: at) == nil)
            limiter.noteFailure(from: from)
        }
        #expect(limiter.wait(beforeAuthenticatingFrom: at) == (isHeld ? .seconds(1) : nil))
        elapsed.withLock { $0 = .milliseconds(999) }
        #expect(limiter.wait(beforeAuthenticatingFrom: at) == (isHeld ? .milliseconds(1) : nil))
        elapsed.withLock { $0 = .seconds(1) }
        #expect(limiter.wait(beforeAuthenticatingFrom: at) == nil)
    }
}
