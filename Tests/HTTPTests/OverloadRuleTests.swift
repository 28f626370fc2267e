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
        rules.waitInOrderMax = .milliseconds(100)
        rules.waitMax = .milliseconds(500)
        rules.refusalsPerSecondMax = 1000
        rules.retryAfterMax = .seconds(10)
        return OverloadRule(rules, now: start)
    }

    /// One in whose line so many wait, under the ids from 0 on, since 21 ms; the probe is under way.
    private func rule(waiting: Int) -> OverloadRule {
        var rule = rule()
        #expect(rule.sendsProbe(at: start) == true)
        for id in 0..<waiting { #expect(rule.request(id, mayBegin: true, room: .max, at: after(21)) == .wait) }
        return rule
    }

    @Test func `while probes come in time requests are served at once`() {
        var rule = rule()
        for time in stride(from: 0, to: 60_000, by: 20) {
            #expect(rule.sendsProbe(at: after(time)) == true)
            #expect(rule.request(time, mayBegin: true, room: .max, at: after(time + 20)) == .serve)
            #expect(rule.probeCame(room: .max, at: after(time + 20)) == [])
        }
    }

    @Test func `there is one probe at a time, and after one in time a while without`() {
        var rule = rule()
        #expect(rule.sendsProbe(at: start) == true)
        #expect(rule.sendsProbe(at: after(9)) == false)
        #expect(rule.sendsProbe(at: after(40)) == false)
        _ = rule.probeCame(room: .max, at: after(41))
        #expect(rule.sendsProbe(at: after(41)) == true)
        _ = rule.probeCame(room: .max, at: after(42))
        #expect(rule.sendsProbe(at: after(42)) == false)
        #expect(rule.sendsProbe(at: after(50)) == false)
        #expect(rule.sendsProbe(at: after(51)) == true)
    }

    @Test func `behind a late probe requests wait, and go in order with the probes`() {
        var rule = rule(waiting: 1000)
        var gone: [Int] = []
        var time = 22
        while rule.waiting > 0 {
            let turns = rule.probeCame(room: .max, at: after(time))
            #expect(!turns.isEmpty)
            #expect(turns.allSatisfy { $0.refusal == nil })
            gone += turns.map(\.id)
            // As long as some wait there is always a probe.
            #expect(rule.sendsProbe(at: after(time)) == (rule.waiting > 0))
            time += 2
        }
        #expect(gone == Array(0..<1000))
        #expect(rule.request(1000, mayBegin: true, room: .max, at: after(time + 5)) == .serve)
    }

    @Test func `who comes while others wait does too`() {
        var rule = rule(waiting: 1000)
        _ = rule.probeCame(room: .max, at: after(22))
        #expect(rule.sendsProbe(at: after(22)) == true)
        #expect(!rule.isOpen(room: .max, at: after(23)))
        #expect(rule.request(1000, mayBegin: true, room: .max, at: after(23)) == .wait)
        #expect(rule.waiting > 1)
    }

    @Test func `more and more go while probes are in time, fewer when they are late, and never none`() {
        var rule = rule(waiting: 20_000)
        func batches(_ count: Int, each delay: Int, from first: Int) -> [Int] {
            (0..<count).map { number in
                let turns = rule.probeCame(room: .max, at: after(first + number * delay)).count
                #expect(rule.sendsProbe(at: after(first + number * delay)) == true)
                return turns
            }
        }
        let growing = batches(30, each: 2, from: 22)
        #expect(zip(growing.dropFirst(), growing.dropFirst(2)).allSatisfy { $0 < $1 })
        let shrinking = batches(20, each: 21, from: 102)
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
            let turns = rule.probeCame(room: .max, at: after(time))
            #expect(turns.allSatisfy { $0.refusal == nil })
            _ = rule.sendsProbe(at: after(time))
            time += 20
        }
        #expect((500..<1021).contains(time))
    }

    @Test func `after an interval with a line those that have waited too long are refused, and the others served`() {
        var rule = rule(waiting: 5)
        for id in 5..<10 { #expect(rule.request(id, mayBegin: true, room: .max, at: after(600)) == .wait) }
        let turns = rule.probeCame(room: .max, at: after(1022))
        #expect(turns.map(\.id) == [0, 1, 2, 3, 4, 9, 8, 7, 6, 5])
        #expect(turns.prefix(5).allSatisfy { $0.refusal?.reason == .delay && $0.refusal?.pause == .zero })
        #expect(turns.suffix(5).allSatisfy { $0.refusal == nil })
    }

    @Test func `in a line that stands the last go first, and the others when there is time for them`() {
        var rule = rule(waiting: 10)
        for id in 10..<40 { #expect(rule.request(id, mayBegin: true, room: .max, at: after(600)) == .wait) }
        #expect(rule.probeCame(room: 10, at: after(601)).map(\.id) == Array(0..<10))
        #expect(rule.sendsProbe(at: after(602)) == true)
        for id in 40..<50 { #expect(rule.request(id, mayBegin: true, room: .max, at: after(1029)) == .wait) }
        #expect(rule.probeCame(room: 10, at: after(1030)).map(\.id) == (40..<50).reversed())
        #expect(rule.sendsProbe(at: after(1031)) == true)
        #expect(rule.probeCame(room: 5, at: after(1050)).map(\.id) == (35..<40).reversed())
        #expect(rule.sendsProbe(at: after(1052)) == true)
        let turns = rule.probeCame(room: .max, at: after(1099))
        #expect(!turns.isEmpty)
        #expect(turns.map(\.id) == ((35 - turns.count)..<35).reversed())
        #expect(turns.allSatisfy { $0.refusal == nil })
    }

    @Test func `as long as nobody waits for long they go in order, however long there has been a line`() {
        var rule = rule(waiting: 2)
        for id in 0..<60 {
            let time = 30 + id * 40
            #expect(rule.request(id + 2, mayBegin: true, room: .max, at: after(time)) == .wait)
            #expect(rule.probeCame(room: 1, at: after(time + 10)).map(\.id) == [id])
            #expect(rule.sendsProbe(at: after(time + 20)) == true)
        }
    }

    @Test func `without room for what they lead to requests wait, and go as there is some`() {
        var rule = rule()
        for id in 0..<30 { #expect(rule.request(id, mayBegin: true, room: 0, at: start) == .wait) }
        #expect(rule.sendsProbe(at: start) == true)
        #expect(rule.probeCame(room: 0, at: after(1)) == [])
        #expect(rule.probeDue == after(2))
        #expect(rule.sendsProbe(at: after(1)) == false)
        var gone = 0
        for (number, room) in [0, 3, 0, 1, 20, 100].enumerated() {
            let time = 2 + number * 3
            #expect(rule.sendsProbe(at: after(time)) == true)
            #expect(rule.probeDue == nil)
            let turns = rule.probeCame(room: room, at: after(time + 1))
            #expect(turns.count <= room)
            #expect(turns.isEmpty == (room == 0))
            #expect(turns.map(\.id) == Array(gone..<(gone + turns.count)))
            gone += turns.count
        }
        #expect(gone == 30)
        #expect(rule.probeDue == nil)
        #expect(rule.isOpen(room: 1, at: after(21)))
        #expect(!rule.isOpen(room: 0, at: after(21)))
    }

    @Test(arguments: [(room: 0, reason: OverloadRule.Reason.backlog), (room: .max, reason: .delay)])
    func `who is refused has waited for room, or for a loop that is late`(room: Int, reason: OverloadRule.Reason) {
        var rule = rule(waiting: 1)
        #expect(rule.probeCame(room: 0, at: after(22)) == [])
        #expect(rule.sendsProbe(at: after(1100)) == true)
        #expect(rule.probeCame(room: room, at: after(1130)).map(\.refusal?.reason) == [reason])
    }

    @Test func `a line that was empty in between is a new one`() {
        var rule = rule(waiting: 1)
        #expect(rule.probeCame(room: .max, at: after(22)).count == 1)
        #expect(rule.sendsProbe(at: after(500)) == true)
        #expect(rule.request(1, mayBegin: true, room: .max, at: after(521)) == .wait)
        let turns = rule.probeCame(room: .max, at: after(1100))
        #expect(turns.map(\.id) == [1])
        #expect(turns.allSatisfy { $0.refusal == nil })
    }

    @Test func `those in the line are refused at their rate too`() {
        var rule = rule(waiting: 100_000)
        var refused = 0
        for time in stride(from: 1021, through: 2021, by: 100) {
            refused += rule.probeCame(room: .max, at: after(time)).count { $0.refusal != nil }
            #expect(rule.sendsProbe(at: after(time)) == true)
        }
        #expect((1000...1110).contains(refused))
    }

    @Test func `without room each request is refused, and with room again none`() {
        var rule = rule()
        guard case .refuse(let refusal) = rule.request(0, mayBegin: false, room: .max, at: start) else {
            Issue.record("it was not refused")
            return
        }
        #expect(refusal.reason == .requests)
        #expect(rule.request(1, mayBegin: true, room: .max, at: start) == .serve)
    }

    /// Refuses one for want of room.
    private func refusal(_ rule: inout OverloadRule, at time: Int) throws -> OverloadRule.Refusal {
        guard case .refuse(let refusal) = rule.request(0, mayBegin: false, room: .max, at: after(time)) else {
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
