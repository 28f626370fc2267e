import Heartbeat
import Testing

@testable import Audit

private struct QueueFixture {
    var queue = RowQueue()
    private let start = Moment.now

    /// Adds a row whose time is up that many seconds after the start.
    mutating func add(_ requestID: String, deadline: Int = 1, detailsBytes: Int = 0, batchRowsMax: Int = 1000) {
        let row = RowEncoder(instance: "i").encode(
            AuditRow.make(requestID, details: String(repeating: "x", count: detailsBytes)),
            id: UUIDv7(milliseconds: 0, random: (0, 0)))
        queue.append(PendingRow(row, deadline: time(deadline), batchRowsMax: batchRowsMax, finish: { _ in }))
    }

    func time(_ seconds: Int) -> Moment {
        start + .seconds(seconds)
    }

    /// The request ids of the next statement.
    mutating func begin(rowsMax: Int = 1000, bytesMax: Int = 1 << 20) -> String {
        queue.beginStatement(rowsMax: rowsMax, bytesMax: bytesMax).names
    }
}

extension [PendingRow] {
    fileprivate var names: String { map(\.row.requestID).joined() }
}

struct RowQueueTests {
    @Test func `a statement takes the oldest rows, up to its limit`() {
        var fixture = QueueFixture()
        for name in ["a", "b", "c"] { fixture.add(name) }
        let batches = [fixture.begin(rowsMax: 2), fixture.begin(rowsMax: 2), fixture.begin()]
        #expect(batches == ["ab", "c", ""])
        #expect(fixture.queue.count == 0)
    }

    @Test func `it stops before the bytes are too many, but takes one row of any size`() {
        var fixture = QueueFixture()
        for name in ["a", "b"] { fixture.add(name, detailsBytes: 300) }
        fixture.add("c", detailsBytes: 5000)
        fixture.add("d")
        let batches = (0..<4).map { _ in fixture.begin(bytesMax: 2000) }
        #expect(batches == ["ab", "c", "d", ""])
    }

    @Test func `a row under suspicion limits the statement that it goes into`() {
        var fixture = QueueFixture()
        fixture.add("a")
        for name in ["b", "c"] { fixture.add(name, batchRowsMax: 1) }
        fixture.add("d")
        fixture.add("e")
        let batches = (0..<4).map { _ in fixture.begin() }
        #expect(batches == ["a", "b", "c", "de"])
    }

    @Test func `rows of a lost statement go before those that came later, unless they were diverted`() {
        var fixture = QueueFixture()
        fixture.add("a", deadline: 1)
        fixture.add("b", deadline: 3)
        _ = fixture.begin()
        fixture.add("c", deadline: 4)
        let late = fixture.queue.divertLate(now: fixture.time(2)).late.names
        fixture.queue.returnToFront()
        #expect(late == "a")
        #expect(fixture.begin() == "bc")
    }

    @Test func `the time of rows runs out by their deadlines, sent or not, and for each once`() {
        var fixture = QueueFixture()
        fixture.add("a", deadline: 1)
        _ = fixture.begin()
        fixture.add("b", deadline: 4)
        fixture.add("c", deadline: 2)
        let results = [0, 2, 3].map { fixture.queue.divertLate(now: fixture.time($0)) }
        #expect(results.map(\.late.names) == ["", "ac", ""])
        #expect(results.map(\.next) == [1, 4, 4].map(fixture.time))
        #expect(fixture.begin() == "b")
    }

    @Test func `all rows, or those that wait, can be diverted`() {
        var fixture = QueueFixture()
        for name in ["a", "b"] { fixture.add(name) }
        _ = fixture.begin(rowsMax: 1)
        #expect(!fixture.queue.isSettled)
        #expect(fixture.queue.divertWaiting().names == "b")
        #expect(!fixture.queue.isSettled)
        #expect(fixture.queue.divertAll().names == "a")
        #expect(fixture.queue.isSettled)
    }
}
