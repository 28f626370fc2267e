import HTTP
import Testing

/// On a clock that stands where each step puts it.
struct OverloadRuleTests {
    private let start = ContinuousClock.now

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private func rule(_ change: (inout OverloadRule.Rules) -> Void = { _ in }) -> OverloadRule {
        var rules = OverloadRule.Rules()
        rules.delayMax = .milliseconds(50)
        rules.interval = .seconds(1)
        rules.refusalsPerSecondMax = 1000
        rules.retryAfterMax = .seconds(10)
        change(&rules)
        return OverloadRule(rules, now: start)
    }

    /// Sends probes one after the other, each on its way for so long, from one time until another.
    private func probe(_ rule: inout OverloadRule, from first: Int, until last: Int, each delay: Int) {
        for time in stride(from: first, to: last, by: delay) {
            #expect(rule.sendsProbe(at: after(time)))
            rule.probeCame(at: after(time + delay))
        }
    }

    private func reason(_ rule: inout OverloadRule, at time: Int) -> OverloadRule.Reason? {
        rule.refusal(hasRoom: true, at: after(time))?.reason
    }

    /// What an hour of probes came to, and what becomes of a request at its end.
    struct Row: CustomTestStringConvertible {
        let testDescription: String
        /// From the start on: for how long, and how late each probe was in it, in milliseconds.
        let spans: [(length: Int, delay: Int)]
        let isRefused: Bool

        init(_ description: String, _ spans: [(length: Int, delay: Int)], isRefused: Bool) {
            testDescription = description
            self.spans = spans
            self.isRefused = isRefused
        }
    }

    @Test(arguments: [
        Row("nothing", [], isRefused: false),
        Row("in time, for ever", [(3_600_000, 50)], isRefused: false),
        Row("a burst", [(100, 10), (900, 100)], isRefused: false),
        Row("one long delay", [(100, 10), (900, 900)], isRefused: false),
        Row("a delay of the whole interval", [(1100, 1100)], isRefused: true),
        Row("late for the interval", [(100, 10), (1100, 100)], isRefused: true),
        Row("once in time between", [(900, 100), (10, 10), (900, 100)], isRefused: false),
        Row("in time again", [(2000, 100), (10, 10)], isRefused: false),
        Row("late again at once", [(2000, 100), (10, 10), (100, 100)], isRefused: true),
        Row("late again after an interval", [(2000, 100), (1100, 10), (100, 100)], isRefused: false),
    ])
    func `standing delay refuses`(row: Row) {
        var rule = rule()
        var now = 0
        for (length, delay) in row.spans {
            probe(&rule, from: now, until: now + length, each: delay)
            now += (length + delay - 1) / delay * delay
        }
        #expect(reason(&rule, at: now) == (row.isRefused ? .delay : nil))
    }

    @Test func `a probe that has not come yet is late as soon as its time is over`() {
        var rule = rule()
        #expect(rule.sendsProbe(at: start))
        #expect(reason(&rule, at: 999) == nil)
        #expect(reason(&rule, at: 1000) == .delay)
        rule.probeCame(at: after(1000))
        // Nobody knows yet that the delay is over.
        #expect(reason(&rule, at: 1010) == .delay)
        #expect(rule.sendsProbe(at: after(1010)))
        #expect(reason(&rule, at: 1020) == .delay)
        rule.probeCame(at: after(1030))
        #expect(reason(&rule, at: 1030) == nil)
    }

    @Test func `there is one probe at a time, and after one in time a while without`() {
        var rule = rule()
        #expect(rule.sendsProbe(at: start))
        #expect(!rule.sendsProbe(at: after(9)))
        #expect(!rule.sendsProbe(at: after(40)))
        rule.probeCame(at: after(41))
        #expect(rule.sendsProbe(at: after(41)))
        rule.probeCame(at: after(42))
        #expect(!rule.sendsProbe(at: after(42)))
        #expect(!rule.sendsProbe(at: after(50)))
        #expect(rule.sendsProbe(at: after(51)))
    }

    @Test func `without room each request is refused, and with room again none`() {
        var rule = rule()
        #expect(rule.refusal(hasRoom: false, at: start)?.reason == .requests)
        #expect(rule.refusal(hasRoom: true, at: start) == nil)
    }

    @Test func `refusals go out at their rate, however many there are`() {
        var rule = rule()
        var pauses: [Duration] = []
        for _ in 0..<2000 {
            if let refusal = rule.refusal(hasRoom: false, at: start) { pauses.append(refusal.pause) }
        }
        #expect(pauses.prefix(10) == Array(repeating: .zero, count: 10)[...])
        #expect(pauses[10] == .milliseconds(1))
        #expect(pauses[1999] == .milliseconds(1990))
        #expect(rule.refusal(hasRoom: false, at: after(1995))?.pause == .zero)
        #expect(rule.refusal(hasRoom: false, at: after(3000))?.pause == .zero)
    }

    @Test(arguments: [
        // Served and refused in the second before, and how long the rest takes.
        (served: 100, refused: 1, milliseconds: 20), (served: 100, refused: 299, milliseconds: 3000),
        (served: 0, refused: 1, milliseconds: 2000), (served: 0, refused: 500, milliseconds: 10_000),
    ])
    func `who is refused is told how long it takes to serve all who were`(
        served: Int, refused: Int, milliseconds: Int
    ) throws {
        var rule = rule()
        for _ in 0..<served { rule.served(at: after(500)) }
        for _ in 0..<refused { _ = rule.refusal(hasRoom: false, at: after(900)) }
        let soon = try #require(rule.refusal(hasRoom: false, at: after(1500)))
        #expect(soon.retryAfter == .milliseconds(milliseconds))
        // By then it is forgotten.
        let late = try #require(rule.refusal(hasRoom: false, at: after(4000)))
        #expect(late.retryAfter == .seconds(1))
    }
}
