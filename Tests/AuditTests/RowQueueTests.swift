import EventLoop
import Heartbeat
import Testing

@testable import Audit

/// A queue of rows that somebody waits for, on a loop.
private final class QueueFixture {
    var queue = RowQueue()
    /// What each row ended with, by its request id.
    private(set) var results: [String: Result<Void, AuditFailure>] = [:]
    private let loop: EventLoop
    private let start = ContinuousClock.now

    init(on loop: EventLoop) {
        self.loop = loop
    }

    /// Adds a row whose time is up that many seconds after the start.
    func add(_ requestID: String, deadline: Int = 1, detailsBytes: Int = 0, batchRowsMax: Int = 1000) async {
        let row = AuditRow.make(requestID, details: String(repeating: "x", count: detailsBytes))
            .encoded(id: UUIDv7(milliseconds: 0, random: (0, 0)), instance: "i")
        await Suspension<Void>.wait { added in
            loop.spawn {
                let result = await Suspension<Result<Void, AuditFailure>>.wait { waiter in
                    self.queue.append(
                        PendingRow(
                            row, deadline: self.time(deadline), batchRowsMax: batchRowsMax, waiter: waiter))
                    added.resume(returning: ())
                }
                self.results[requestID] = result
            }
        }
    }

    func time(_ seconds: Int) -> ContinuousClock.Instant {
        start + .seconds(seconds)
    }

    /// The request ids of the next statement.
    func begin(rowsMax: Int = 1000, bytesMax: Int = 1 << 20) -> String {
        queue.beginStatement(rowsMax: rowsMax, bytesMax: bytesMax).names
    }
}

extension [PendingRow] {
    fileprivate var names: String { map(\.row.requestID).joined() }
}

struct RowQueueTests {
    @Test func `a statement takes the oldest rows, up to its limit`() throws {
        let (batches, left) = try EventLoop.run { loop in
            let fixture = QueueFixture(on: loop)
            for name in ["a", "b", "c"] { await fixture.add(name) }
            return ([fixture.begin(rowsMax: 2), fixture.begin(rowsMax: 2), fixture.begin()], fixture.queue.count)
        }
        #expect(batches == ["ab", "c", ""])
        #expect(left == 0)
    }

    @Test func `it stops before the bytes are too many, but takes one row of any size`() throws {
        let batches = try EventLoop.run { loop in
            let fixture = QueueFixture(on: loop)
            for name in ["a", "b"] { await fixture.add(name, detailsBytes: 300) }
            await fixture.add("c", detailsBytes: 5000)
            await fixture.add("d")
            return (0..<4).map { _ in fixture.begin(bytesMax: 2000) }
        }
        #expect(batches == ["ab", "c", "d", ""])
    }

    @Test func `a row under suspicion limits the statement that it goes into`() throws {
        let batches = try EventLoop.run { loop in
            let fixture = QueueFixture(on: loop)
            await fixture.add("a")
            for name in ["b", "c"] { await fixture.add(name, batchRowsMax: 1) }
            await fixture.add("d")
            await fixture.add("e")
            return (0..<4).map { _ in fixture.begin() }
        }
        #expect(batches == ["a", "b", "c", "de"])
    }

    @Test func `rows of a lost statement go before those that came later, unless they were diverted`() throws {
        let (late, batch) = try EventLoop.run { loop in
            let fixture = QueueFixture(on: loop)
            await fixture.add("a", deadline: 1)
            await fixture.add("b", deadline: 3)
            _ = fixture.begin()
            await fixture.add("c", deadline: 4)
            let late = fixture.queue.divertLate(now: fixture.time(2)).late.names
            fixture.queue.returnToFront()
            return (late, fixture.begin())
        }
        #expect(late == "a")
        #expect(batch == "bc")
    }

    @Test func `the time of rows runs out by their deadlines, sent or not, and for each once`() throws {
        let (late, nexts, batch) = try EventLoop.run { loop in
            let fixture = QueueFixture(on: loop)
            await fixture.add("a", deadline: 1)
            _ = fixture.begin()
            await fixture.add("b", deadline: 4)
            await fixture.add("c", deadline: 2)
            let results = [0, 2, 3].map { fixture.queue.divertLate(now: fixture.time($0)) }
            let nexts = results.map { $0.next == nil } + [results[0].next == fixture.time(1)]
            return (results.map(\.late.names), nexts + [results[2].next == fixture.time(4)], fixture.begin())
        }
        #expect(late == ["", "ac", ""])
        #expect(nexts == [false, false, false, true, true])
        #expect(batch == "b")
    }

    @Test func `all rows, or those that wait, can be diverted`() throws {
        let (waiting, all, settled) = try EventLoop.run { loop in
            let fixture = QueueFixture(on: loop)
            for name in ["a", "b"] { await fixture.add(name) }
            _ = fixture.begin(rowsMax: 1)
            var settled = [fixture.queue.isSettled]
            let waiting = fixture.queue.divertWaiting().names
            settled.append(fixture.queue.isSettled)
            let all = fixture.queue.divertAll().names
            settled.append(fixture.queue.isSettled)
            return (waiting, all, settled)
        }
        #expect(waiting == "b")
        #expect(all == "a")
        #expect(settled == [false, false, true])
    }
}
