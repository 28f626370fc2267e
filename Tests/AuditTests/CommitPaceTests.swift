import Heartbeat
import Testing

@testable import Audit

/// On a clock that stands where each step puts it.
struct CommitPaceTests {
    private let start = Moment.now
    private var pace = CommitPace(commitTimeout: .milliseconds(500))

    private func after(_ milliseconds: Int) -> Moment { start + .milliseconds(milliseconds) }

    /// A statement that begins then.
    private mutating func statement(_ rows: Int, at time: Int, for milliseconds: Int, waiting: Int = 0) {
        pace.statementBegan(rows: rows, at: after(time))
        pace.statementEnded(succeeded: true, waiting: waiting, at: after(time + milliseconds))
    }

    @Test func `nothing is known before the first statement, nor long after the last one`() {
        var test = self
        #expect(test.pace.room(waiting: 1_000_000, at: start) == .max)
        test.statement(1, at: 0, for: 2)
        #expect(test.pace.room(waiting: 0, at: after(501)) < .max)
        #expect(test.pace.room(waiting: 0, at: after(502)) == .max)
    }

    @Test func `so many are let in as the next statement has time for, less those that wait or were let in`() {
        var test = self
        test.statement(1, at: 0, for: 5)
        test.statement(200, at: 10, for: 10)
        // Four times the least; 20 ms for ten of them are 400 rows.
        #expect(test.pace.room(waiting: 0, at: after(20)) == 400)
        #expect(test.pace.room(waiting: 150, at: after(20)) == 250)
        for _ in 0..<100 { test.pace.requestBegan() }
        #expect(test.pace.room(waiting: 150, at: after(20)) == 150)
        #expect(test.pace.room(waiting: 500, at: after(20)) == 0)
        // They are those of the statement that begins.
        test.pace.statementBegan(rows: 250, at: after(21))
        #expect(test.pace.room(waiting: 0, at: after(22)) == 400)
    }

    @Test func `a statement that runs for longer than expected leaves less room, and one that stands still any`() {
        var test = self
        test.statement(1, at: 0, for: 5)
        test.statement(1000, at: 10, for: 10)
        test.pace.statementBegan(rows: 500, at: after(20))
        let room = [10, 50, 100, 499, 500].map { test.pace.room(waiting: 0, at: after(20 + $0)) }
        #expect(room == [1000, 200, 100, CommitPace.rowsMin, .max])
    }

    @Test func `a failed statement says nothing of the next one`() {
        var test = self
        test.statement(1, at: 0, for: 5)
        test.statement(500, at: 10, for: 10)
        test.pace.statementBegan(rows: 1, at: after(20))
        test.pace.statementEnded(succeeded: false, waiting: 0, at: after(220))
        #expect(test.pace.room(waiting: 0, at: after(220)) == 1000)
    }

    @Test(arguments: [(least: 1, rows: 200), (least: 5, rows: 200), (least: 30, rows: 1200), (least: 400, rows: 2000)])
    func `a statement has four times the least, and no more of the rows' time than leaves some for another`(
        least: Int, rows: Int
    ) {
        var test = self
        test.statement(1, at: 0, for: least)
        test.statement(4000, at: 1000, for: 400)
        #expect(test.pace.room(waiting: 0, at: after(1400)) == rows)
    }

    @Test func `the least is that of the last seconds, but not while all statements are full`() {
        for isFull in [false, true] {
            var test = self
            test.statement(1, at: 0, for: 10)
            // Each takes 30 ms, and 20 000 ms are two intervals.
            for time in stride(from: 100, through: 25_000, by: 100) {
                test.statement(100, at: time, for: 30, waiting: isFull ? 1000 : 0)
            }
            #expect(test.pace.room(waiting: 0, at: after(25_030)) == (isFull ? 133 : 400))
        }
    }

    /// What becomes of a crowd before a server whose statements take some time each and some more for each row.
    @Test(arguments: [(fixed: 2, microseconds: 100), (fixed: 2, microseconds: 2000), (fixed: 150, microseconds: 100)])
    func `however many come, rows are committed in time, and the server has enough to do`(
        fixed: Int, microseconds: Int
    ) {
        var pace = CommitPace(commitTimeout: .milliseconds(500))
        var (now, committed, waiting, longest) = (start, 0, 0, Duration.zero)
        func time(_ rows: Int) -> Duration { .milliseconds(fixed) + .microseconds(rows * microseconds) }
        pace.statementBegan(rows: 1, at: now)
        var (rows, last) = (1, Duration.zero)
        while now < start + .seconds(20) {
            let taken = time(rows)
            // Those who were let in during the one before have come to their row by now.
            waiting = min(pace.room(waiting: 0, at: now + .milliseconds(1)), 10_000)
            for _ in 0..<waiting { pace.requestBegan() }
            now = now + taken
            committed += rows
            if now > start + .seconds(1) { longest = max(longest, last + taken) }
            last = taken
            pace.statementEnded(succeeded: true, waiting: waiting, at: now)
            pace.statementBegan(rows: waiting, at: now)
            rows = waiting
        }
        #expect(longest < .milliseconds(500))
        #expect(committed > 20 * 400)
    }
}
