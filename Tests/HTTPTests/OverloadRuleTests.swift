import HTTP
import Testing

/// On a clock that stands where each step puts it.
struct OverloadRuleTests {
    private let start = ContinuousClock.now

    private func after(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private func rule() -> OverloadRule {
        var rules = OverloadRule.Rules()
        rules.delayMax = .milliseconds(20)
        rules.interval = .seconds(1)
        rules.waitMax = .milliseconds(500)
        rules.refusalsPerSecondMax = 1000
        rules.retryAfterMax = .seconds(10)
        return OverloadRule(rules, now: start)
    }

    /// One in whose line so many wait, under the ids from 0 on, since 21 ms; the probe is under way.
    private func rule(waiting: Int) -> OverloadRule {
        var rule = rule()
        #expect(rule.sendsProbe(at: start) == true)
        for id in 0..<waiting { #expect(rule.request(id, hasRoom: true, at: after(21)) == .wait) }
        return rule
    }

    @Test func `while probes come in time requests are served at once`() {
        var rule = rule()
        for time in stride(from: 0, to: 60_000, by: 20) {
            #expect(rule.sendsProbe(at: after(time)) == true)
            #expect(rule.request(time, hasRoom: true, at: after(time + 20)) == .serve)
            #expect(rule.probeCame(at: after(time + 20)) == [])
        }
    }

    @Test func `there is one probe at a time, and after one in time a while without`() {
        var rule = rule()
        #expect(rule.sendsProbe(at: start) == true)
        #expect(rule.sendsProbe(at: after(9)) == false)
        #expect(rule.sendsProbe(at: after(40)) == false)
        _ = rule.probeCame(at: after(41))
        #expect(rule.sendsProbe(at: after(41)) == true)
        _ = rule.probeCame(at: after(42))
        #expect(rule.sendsProbe(at: after(42)) == false)
        #expect(rule.sendsProbe(at: after(50)) == false)
        #expect(rule.sendsProbe(at: after(51)) == true)
    }

    @Test func `behind a late probe requests wait, and go in order with the probes`() {
        var rule = rule(waiting: 1000)
        var gone: [Int] = []
        var time = 22
        while rule.waiting > 0 {
            let turns = rule.probeCame(at: after(time))
            #expect(!turns.isEmpty)
            #expect(turns.allSatisfy { $0.refusal == nil })
            gone += turns.map(\.id)
            // As long as some wait there is always a probe.
            #expect(rule.sendsProbe(at: after(time)) == (rule.waiting > 0))
            time += 1
        }
        #expect(gone == Array(0..<1000))
        #expect(rule.request(1000, hasRoom: true, at: after(time + 5)) == .serve)
    }

    @Test func `who comes while others wait does too`() {
        var rule = rule(waiting: 1000)
        _ = rule.probeCame(at: after(22))
        #expect(rule.sendsProbe(at: after(22)) == true)
        #expect(!rule.isOpen(at: after(23)))
        #expect(rule.request(1000, hasRoom: true, at: after(23)) == .wait)
        #expect(rule.waiting > 1)
    }

    @Test func `more and more go while probes are in time, fewer when they are late, and never none`() {
        var rule = rule(waiting: 20_000)
        func batches(_ count: Int, each delay: Int, from first: Int) -> [Int] {
            (0..<count).map { number in
                let turns = rule.probeCame(at: after(first + number * delay)).count
                #expect(rule.sendsProbe(at: after(first + number * delay)) == true)
                return turns
            }
        }
        let growing = batches(30, each: 1, from: 22)
        #expect(zip(growing.dropFirst(), growing.dropFirst(2)).allSatisfy { $0 < $1 })
        let shrinking = batches(20, each: 21, from: 80)
        #expect(zip(shrinking, shrinking.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(shrinking[0] < growing[29])
        #expect(shrinking[19] > 0)
        #expect(shrinking[19] < 100)
    }

    @Test func `a burst is served whole, however long it takes to work it off`() {
        var rule = rule(waiting: 20_000)
        // Nobody comes after it: at the end it has waited for nearly the interval.
        var time = 22
        while rule.waiting > 0 {
            let turns = rule.probeCame(at: after(time))
            #expect(turns.allSatisfy { $0.refusal == nil })
            _ = rule.sendsProbe(at: after(time))
            time += 20
        }
        #expect((500..<1021).contains(time))
    }

    @Test func `after an interval with a line those that have waited too long are refused, and the others served`() {
        var rule = rule(waiting: 5)
        for id in 5..<10 { #expect(rule.request(id, hasRoom: true, at: after(600)) == .wait) }
        let turns = rule.probeCame(at: after(1022))
        #expect(turns.map(\.id) == Array(0..<10))
        #expect(turns.prefix(5).allSatisfy { $0.refusal?.reason == .delay && $0.refusal?.pause == .zero })
        #expect(turns.suffix(5).allSatisfy { $0.refusal == nil })
    }

    @Test func `a line that was empty in between is a new one`() {
        var rule = rule(waiting: 1)
        #expect(rule.probeCame(at: after(22)).count == 1)
        #expect(rule.sendsProbe(at: after(500)) == true)
        #expect(rule.request(1, hasRoom: true, at: after(521)) == .wait)
        let turns = rule.probeCame(at: after(1100))
        #expect(turns.map(\.id) == [1])
        #expect(turns.allSatisfy { $0.refusal == nil })
    }

    @Test func `those in the line are refused at their rate too`() {
        var rule = rule(waiting: 100_000)
        var refused = 0
        for time in stride(from: 1021, through: 2021, by: 100) {
            refused += rule.probeCame(at: after(time)).count { $0.refusal != nil }
            #expect(rule.sendsProbe(at: after(time)) == true)
        }
        #expect((1000...1110).contains(refused))
    }

    @Test func `without room each request is refused, and with room again none`() {
        var rule = rule()
        guard case .refuse(let refusal) = rule.request(0, hasRoom: false, at: start) else {
            Issue.record("it was not refused")
            return
        }
        #expect(refusal.reason == .requests)
        #expect(rule.request(1, hasRoom: true, at: start) == .serve)
    }

    /// Refuses one for want of room.
    private func refusal(_ rule: inout OverloadRule, at time: Int) throws -> OverloadRule.Refusal {
        guard case .refuse(let refusal) = rule.request(0, hasRoom: false, at: after(time)) else {
            throw NotRefused()
        }
        return refusal
    }

    private struct NotRefused: Error {}

    @Test func `refusals go out at their rate, however many there are`() throws {
        var rule = rule()
        let pauses = try (0..<2000).map { _ in try refusal(&rule, at: 0).pause }
        #expect(pauses.prefix(100) == Array(repeating: .zero, count: 100)[...])
        #expect(pauses[100] == .milliseconds(1))
        #expect(pauses[1999] == .milliseconds(1900))
        #expect(try refusal(&rule, at: 3000).pause == .zero)
    }

    @Test(arguments: [
        // Served and refused in the second before, and how long it takes to serve those.
        (served: 100, refused: 1, milliseconds: 20), (served: 100, refused: 299, milliseconds: 3000),
        (served: 0, refused: 1, milliseconds: 2000), (served: 0, refused: 500, milliseconds: 10_000),
    ])
    func `who is refused is told how long it takes to serve all who were`(
        served: Int, refused: Int, milliseconds: Int
    ) throws {
        var rule = rule()
        for _ in 0..<served { rule.served(at: after(500)) }
        for _ in 0..<refused { _ = try refusal(&rule, at: 900) }
        #expect(try refusal(&rule, at: 1500).retryAfter == .milliseconds(milliseconds))
        // By then it is forgotten.
        #expect(try refusal(&rule, at: 4000).retryAfter == .seconds(1))
    }
}
