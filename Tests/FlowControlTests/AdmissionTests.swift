import FlowControl
import Heartbeat
import Testing

struct AdmissionTests {
    private let start = Moment.now

    private func after(_ seconds: Double) -> Moment { start + .seconds(seconds) }

    /// - Parameter share: of its timeout that the task has been silent.
    private func entry(
        _ id: Int, _ caller: String = "a", share: Double = 0.5, wait: Double = 60
    ) -> AdmissionQueue.Entry {
        AdmissionQueue.Entry(
            id: id, caller: caller, silence: Silence(since: after(-100 * share), timeout: .seconds(100)),
            deadline: after(wait))
    }

    private func order(_ queue: AdmissionQueue) -> [Int] {
        var queue = queue
        var ids: [Int] = []
        while let next = queue.next(at: start, where: { _ in true }) { ids.append(next.id) }
        return ids
    }

    @Test func `the task goes first that has been silent for the largest share of its timeout`() {
        var queue = AdmissionQueue()
        for (id, share) in [(1, 0.3), (2, 0.9), (3, 0.5), (4, 0.7)] { queue.add(entry(id, share: share)) }
        #expect(queue.ahead(of: entry(5, share: 0.6), at: start) == 2)
        #expect(order(queue) == [2, 4, 3, 1])
    }

    @Test func `a timeout's share counts, not the time`() {
        var queue = AdmissionQueue()
        queue.add(
            .init(id: 1, caller: "a", silence: Silence(since: after(-50), timeout: .seconds(100)), deadline: after(9)))
        queue.add(
            .init(id: 2, caller: "a", silence: Silence(since: after(-8), timeout: .seconds(10)), deadline: after(9)))
        #expect(order(queue) == [2, 1])
    }

    @Test func `callers take turns, however many wait for one and however urgent he says they are`() {
        var queue = AdmissionQueue()
        for id in 0..<100 { queue.add(entry(id, "greedy", share: 0.99)) }
        for id in 200..<203 { queue.add(entry(id, "modest", share: 0.1)) }
        #expect(order(queue).prefix(6).filter { $0 >= 200 }.count == 3)
        #expect(queue.ahead(of: entry(300, "third", share: 0.1), at: start) <= 2)
    }

    @Test func `nobody gains by coming back at once`() {
        var queue = AdmissionQueue()
        for id in 0..<100 { queue.add(entry(id, "patient", share: 0.1)) }
        var served: [String: Int] = [:]
        for id in 0..<20 {
            queue.add(entry(1000 + id, "quick", share: 0.99))
            let next = queue.next(at: start) { _ in true }
            served[next?.caller ?? "", default: 0] += 1
        }
        #expect(served == ["patient": 10, "quick": 10])
    }

    @Test func `one who may have no more calls is passed over`() {
        var queue = AdmissionQueue()
        queue.add(entry(1, "full", share: 0.9))
        queue.add(entry(2, "other", share: 0.1))
        #expect(queue.next(at: start) { $0 != "full" }?.id == 2)
        #expect(queue.count == 1)
    }

    // MARK: Admission

    private func admission(_ change: (inout AdmissionControl.Rules) -> Void) -> AdmissionControl {
        var rules = AdmissionControl.Rules()
        change(&rules)
        return AdmissionControl(rules, now: start)
    }

    private func isQueued(_ answer: AdmissionControl.Answer) -> Bool {
        if case .queued = answer { true } else { false }
    }

    private func refusal(_ answer: AdmissionControl.Answer) -> AdmissionControl.Refusal? {
        if case .refused(let refusal) = answer { refusal } else { nil }
    }

    @Test func `who cannot be served before its deadline is told when it could be`() {
        // Of the burst, a quarter of a second's calls and one more are held back.
        var admission = admission { $0.rate = .known(RateLimit(rate: 10, burst: 4)) }
        #expect(admission.tryAdmit("a", at: start) != nil)
        for id in 0..<20 { #expect(isQueued(admission.request(entry(id), at: start))) }
        let refused = refusal(admission.request(entry(99, share: 0.4, wait: 2), at: start))
        #expect(refused == AdmissionControl.Refusal(reason: .rate, wait: .milliseconds(2100)))
        // More urgent, so that it is soon its turn.
        #expect(isQueued(admission.request(entry(98, share: 0.6, wait: 2), at: start)))
        let turns = admission.turns(at: after(0.1))
        #expect(turns.map(\.id) == [98])
        #expect(admission.nextTurn(at: after(0.1)) == after(0.2))
    }

    @Test func `a turn that time has brought is not put off by who comes then`() {
        var admission = admission { $0.rate = .known(RateLimit(rate: 10, burst: 4)) }
        #expect(admission.tryAdmit("a", at: start) != nil)
        #expect(isQueued(admission.request(entry(1), at: start)))
        #expect(admission.nextTurn(at: start) == after(0.1))
        #expect(isQueued(admission.request(entry(2), at: after(0.1))))
        #expect(admission.nextTurn(at: after(0.1)) == after(0.1))
        #expect(admission.turns(at: after(0.1)).map(\.id) == [1])
        #expect(admission.nextTurn(at: after(0.1)) == after(0.2))
    }

    @Test func `one caller has half of the calls alone, and each that comes finds room`() {
        var admission = admission {
            $0.rate = .unlimited
            $0.callsMax = 64
        }
        for (caller, expected) in [("a", 32), ("b", 16), ("c", 8)] {
            var count = 0
            while admission.tryAdmit(caller, at: start) != nil { count += 1 }
            #expect(count == expected)
        }
    }

    @Test func `a call that ends makes room for the next in the queue`() throws {
        var admission = admission {
            $0.rate = .unlimited
            $0.callsMax = 2
        }
        let permit = admission.tryAdmit("a", at: start)
        let first = try #require(permit)
        #expect(isQueued(admission.request(entry(1), at: start)))
        #expect(admission.turns(at: start).isEmpty)
        admission.ended(first, .answered, at: after(1))
        #expect(admission.turns(at: after(1)).map(\.id) == [1])
    }

    @Test func `an open circuit refuses all that wait, until its next probe`() throws {
        var admission = admission {
            $0.rate = .unlimited
            $0.callsMax = 20
        }
        let permits = (0..<10).compactMap { admission.tryAdmit("\($0)", at: start) }
        try #require(permits.count == 10)
        while admission.tryAdmit("a", at: start) != nil {}
        #expect(isQueued(admission.request(entry(1), at: start)))
        for permit in permits { admission.ended(permit, .failed, at: start) }
        let turns = admission.turns(at: start)
        #expect(turns.map(\.id) == [1])
        guard case .failure(let refusal)? = turns.first?.result else { throw Model.Fault(description: "admitted") }
        #expect(refusal == AdmissionControl.Refusal(reason: .circuit, wait: .seconds(1)))
        #expect(self.refusal(admission.request(entry(2), at: start))?.reason == .circuit)
        #expect(admission.wait(wasThrottled: false, at: start) == .seconds(1))
    }

    @Test func `a hundred calls throttled together slow the rate down once`() throws {
        var rate = AccountRate(.learnt, now: start)
        for call in 0..<1000 { rate.ended(wasThrottled: false, sentAt: start, at: after(Double(call) / 100)) }
        for _ in 0..<100 { rate.ended(wasThrottled: true, sentAt: after(9.9), at: after(10)) }
        #expect(try #require(rate.limit) > 50)
        rate.ended(wasThrottled: true, sentAt: after(10.1), at: after(10.2))
        #expect(try #require(rate.limit) < 60)
    }

    @Test func `without a limit nothing is limited, whatever SWF says`() {
        var rate = AccountRate(.unlimited, now: start)
        rate.ended(wasThrottled: true, sentAt: start, at: start)
        #expect(rate.wait(for: 1_000_000, at: start) == .zero && rate.limit == nil && rate.scarcity(at: start) == 0)
    }
}
