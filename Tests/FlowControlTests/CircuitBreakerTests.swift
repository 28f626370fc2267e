import FlowControl
import Heartbeat
import TestSupport
import Testing

struct CircuitBreakerTests {
    private let start = Moment.now

    private func after(_ seconds: Double) -> Moment { start + .seconds(seconds) }

    /// Lets a call go and tells what came of it.
    private func call(
        _ circuit: inout CircuitBreaker, _ verdict: CircuitBreaker.Verdict, at now: Moment
    ) {
        let ticket = circuit.enter(at: now)
        circuit.ended(verdict, ticket, at: now)
    }

    private func opened() -> CircuitBreaker {
        var circuit = CircuitBreaker()
        for _ in 0..<10 { call(&circuit, .failed, at: start) }
        return circuit
    }

    @Test func `ten failures in a row open it, nine and an answer do not`() {
        var circuit = CircuitBreaker()
        for _ in 0..<5 {
            for _ in 0..<9 { call(&circuit, .failed, at: start) }
            call(&circuit, .answered, at: start)
        }
        #expect(circuit.state == .closed)
        #expect(opened().look(at: start) == .refused(until: after(1)))
    }

    @Test func `one task that gets no answer counts once, and what was not sent not at all`() {
        var circuit = CircuitBreaker()
        for _ in 0..<100 { call(&circuit, .timedOut(task: TaskHash(of: "1")), at: start) }
        for _ in 0..<100 { call(&circuit, .nothing, at: start) }
        #expect(circuit.state == .closed)
        for task in 2...10 { call(&circuit, .timedOut(task: TaskHash(of: "\(task)")), at: start) }
        #expect(circuit.state == .open(nextProbe: after(1)))
    }

    @Test func `while it is open single probes go, less and less often`() {
        var circuit = opened()
        #expect(circuit.look(at: after(0.9)) == .refused(until: after(1)))
        #expect(circuit.look(at: after(1)) == .probe)
        let probe = circuit.enter(at: after(1))
        #expect(circuit.look(at: after(1)) == .refused(until: after(3)))
        circuit.ended(.failed, probe, at: after(1.5))
        #expect(circuit.look(at: after(2)) == .refused(until: after(3.5)))
        call(&circuit, .failed, at: after(3.5))
        #expect(circuit.look(at: after(4)) == .refused(until: after(7.5)))
        call(&circuit, .failed, at: after(7.5))
        #expect(circuit.look(at: after(8)) == .refused(until: after(12.5)))
        call(&circuit, .failed, at: after(12.5))
        #expect(circuit.look(at: after(13)) == .refused(until: after(17.5)))
    }

    @Test func `a probe that hangs does not keep the next one from going`() {
        var circuit = opened()
        _ = circuit.enter(at: after(1))
        #expect(circuit.look(at: after(3)) == .probe)
        let second = circuit.enter(at: after(3))
        circuit.ended(.answered, second, at: after(3))
        #expect(circuit.state == .halfOpen(window: 2))
    }

    @Test func `what was sent before it opened neither closes it nor opens it further`() {
        var circuit = CircuitBreaker()
        let early = (0..<20).map { _ in circuit.enter(at: start) }
        for ticket in early.prefix(10) { circuit.ended(.failed, ticket, at: start) }
        for ticket in early.suffix(5) { circuit.ended(.answered, ticket, at: after(0.1)) }
        #expect(circuit.state == .open(nextProbe: after(1)))
    }

    @Test func `half open lets through more with each answer, and a failure opens it again`() {
        var circuit = opened()
        call(&circuit, .answered, at: after(1))
        #expect(circuit.state == .halfOpen(window: 2))
        let first = circuit.enter(at: after(1))
        let second = circuit.enter(at: after(1))
        #expect(circuit.look(at: after(1)) == .wait)
        circuit.ended(.answered, first, at: after(1))
        circuit.ended(.answered, second, at: after(1))
        #expect(circuit.state == .halfOpen(window: 4))
        var again = circuit
        call(&again, .failed, at: after(2))
        #expect(again.state == .open(nextProbe: after(4)))
        while case .halfOpen = circuit.state { call(&circuit, .answered, at: after(2)) }
        #expect(circuit.state == .closed)
        // It begins with short intervals again.
        for _ in 0..<10 { call(&circuit, .failed, at: after(3)) }
        #expect(circuit.state == .open(nextProbe: after(4)))
    }
}
