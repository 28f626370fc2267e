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
        let row = AuditRow(
            receivedAt: 0, requestID: requestID, details: String(repeating: "x", count: detailsBytes),
            outcome: "recorded", status: 200)
        await Suspension<Void>.wait { added in
            loop.spawn {
                let result = await Suspension<Result<Void, AuditFailure>>.wait { waiter in
                    self.queue.append(
                        PendingRow(
                            id: UUIDv7(milliseconds: 0, random: (0, 0)), row: row, deadline: self.time(deadline),
                            batchRowsMax: batchRowsMax, waiter: waiter))
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

    @Test func `rows of a lost statement go before those that came later, unless their callers have gone`() throws {
        let (failed, batch) = try EventLoop.run { loop in
            let fixture = QueueFixture(on: loop)
            await fixture.add("a", deadline: 1)
            await fixture.add("b", deadline: 3)
            _ = fixture.begin()
            await fixture.add("c", deadline: 4)
            let failed = fixture.queue.expire(now: fixture.time(2)).failed
            fixture.queue.returnToFront()
            return (failed, fixture.begin())
        }
        #expect(failed == 1)
        #expect(batch == "bc")
    }

    @Test func `the time of rows runs out in their order, sent or not`() throws {
        let (first, second, isNextRight, batch) = try EventLoop.run { loop in
            let fixture = QueueFixture(on: loop)
            await fixture.add("a", deadline: 1)
            _ = fixture.begin()
            await fixture.add("b", deadline: 2)
            await fixture.add("c", deadline: 3)
            let first = fixture.queue.expire(now: fixture.time(0))
            let second = fixture.queue.expire(now: fixture.time(2))
            let isNextRight = (first.next == fixture.time(1), second.next == fixture.time(3))
            return (first.failed, second.failed, isNextRight, fixture.begin())
        }
        #expect(first == 0 && second == 2)
        #expect(isNextRight == (true, true))
        #expect(batch == "c")
    }
}
