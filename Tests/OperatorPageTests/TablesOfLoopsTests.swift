import Heartbeat
import Testing

@testable import OperatorPage

struct CallerTableTests {
    @Test func `a caller of a token is another than one of a key by the same name`() {
        var table = CallerTable()
        table.count(Caller("a"), isFailure: false)
        table.count(Caller("a", byToken: true), isFailure: true)
        table.count(Caller("a"), isFailure: false)
        #expect(
            table.tallies == [
                Caller("a").identity: .init(beats: 2),
                Caller("a", byToken: true).identity: .init(beats: 1, failures: 1),
            ])
    }

    @Test func `a crowd leaves the busiest their places`() {
        var table = CallerTable()
        for _ in 0..<100 { table.count(Caller("busy"), isFailure: false) }
        for number in 0..<10_000 {
            table.count(Caller("passer-by \(number)"), isFailure: false)
            #expect(table.tallies.count <= CallerTable.callersMax)
        }
        #expect(table.tallies[Caller("busy").identity] == .init(beats: 100))
    }

    @Test func `who was forgotten meanwhile begins anew`() {
        let caller = Caller("a").identity
        let difference = CallerTable.difference([caller: .init(beats: 3, failures: 1)], [caller: .init(beats: 90)])
        #expect(difference == [caller: .init(beats: 3, failures: 1)])
    }

    @Test func `who sent nothing is not in the difference`() {
        let caller = Caller("a").identity
        #expect(CallerTable.difference([caller: .init(beats: 3)], [caller: .init(beats: 3)]).isEmpty)
    }
}

struct FailureRingTests {
    @Test func `the last failures are kept`() {
        var ring = FailureRing()
        for number in 0..<2 * FailureRing.failuresMax + 3 {
            let row = AuditRow(receivedAt: Int64(number), requestID: "\(number)", outcome: "", status: 404)
            ring.add(Failure(row, code: .unknownTask, duration: .zero))
            #expect(ring.failures.count == min(number + 1, FailureRing.failuresMax))
        }
        let first = Int64(FailureRing.failuresMax + 3)
        let last = Int64(2 * FailureRing.failuresMax + 2)
        #expect(ring.failures.map(\.receivedAt).sorted() == Array(first...last))
    }
}
