import PostgreSQL
import Testing

struct BackoffTests {
    @Test func `the delay doubles up to five seconds`() {
        var backoff = Backoff()
        let delays = (0..<8).map { _ in backoff.next(spread: 1) }
        #expect(delays == [100, 200, 400, 800, 1600, 3200, 5000, 5000].map { .milliseconds($0) })
    }

    @Test func `at random up to half of it is left out`() {
        var backoff = Backoff()
        #expect(backoff.next(spread: 0) == .milliseconds(50))
        #expect(backoff.next(spread: 0.5) == .milliseconds(150))
    }

    @Test func `after a reset it begins anew, and it can go on for ever`() {
        var backoff = Backoff()
        for _ in 0..<1000 { _ = backoff.next() }
        #expect(backoff.next(spread: 1) == .seconds(5))
        backoff.reset()
        #expect(backoff.next(spread: 1) == .milliseconds(100))
    }
}
