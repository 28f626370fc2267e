import EventLoop
import Heartbeat
import Testing

@testable import Audit

/// Keeps rows, or does not, once they are let through.
private final class Rows {
    var failure: AuditFailure?
    private(set) var rows: [AuditRow] = []

    func keep(_ row: AuditRow, wait: Duration, finish: (RefusalLog.Result) -> Void) {
        if let failure { return finish(.failure(failure)) }
        rows.append(row)
        finish(.success(()))
    }
}

/// What became of the rows that were appended at once.
private struct Outcome: Sendable {
    var rows: [AuditRow] = []
    /// How many appends had returned when the rows were first looked at, and what all of them came to in the end.
    var kept = 0
    var failed = 0
    var summarised = 0
}

private func refusal(
    _ outcome: String = "unauthenticated", from address: String? = "192.0.2.1", caller: Caller? = nil
) -> AuditRow {
    AuditRow(receivedAt: 1, requestID: "r", caller: caller, clientAddress: address, outcome: outcome, status: 401)
}

/// Appends rows after the allowance is used up.
/// - Parameter flushes: whether they are written before their time.
private func append(
    _ rows: [AuditRow], flushes: Bool = true, failure: AuditFailure? = nil
) throws -> Outcome {
    let start = Moment.now
    return try EventLoop.run { loop in
        let kept = Rows()
        var outcome = Outcome()
        let allowance = RefusalLog.Allowance(now: { start })
        while allowance.take() {}
        let log = RefusalLog(keep: kept.keep, allowance: allowance, on: loop) { outcome.summarised += $0 }
        kept.failure = failure
        await Suspension<Void>.wait { ended in
            for row in rows {
                loop.spawn {
                    do throws(AuditFailure) {
                        try await log.append(row, wait: .seconds(6))
                        outcome.kept += 1
                    } catch {
                        outcome.failed += 1
                    }
                    if outcome.kept + outcome.failed == rows.count { ended.resume(returning: ()) }
                }
            }
            // After the appends, which were made before it.
            if flushes { loop.spawn { log.flush() } }
        }
        log.stop()
        outcome.rows = kept.rows
        return outcome
    }
}

@Suite(.timeLimit(.minutes(10)))
struct RefusalLogTests {
    @Test(arguments: [true, false]) func `refusals beyond the allowance are one row an outcome`(flushes: Bool) throws {
        let rows = Array(repeating: refusal(), count: 25) + Array(repeating: refusal("rate_limited"), count: 7)
        let outcome = try append(rows, flushes: flushes)
        #expect(outcome.kept == 32)
        #expect(outcome.rows.count == 2)
        let details = Dictionary(outcome.rows.map { ($0.outcome, $0.details) }, uniquingKeysWith: { first, _ in first })
        #expect(details == ["unauthenticated": #"{"refused":25}"#, "rate_limited": #"{"refused":7}"#])
        #expect(outcome.rows.allSatisfy { $0.clientAddress == "192.0.2.1" && $0.status == 401 && $0.requestID == "r" })
        #expect(outcome.rows.allSatisfy { $0.detailsLength == $0.details?.count })
        #expect(outcome.summarised == 32)
    }

    @Test func `only an address that all have is kept`() throws {
        let outcome = try append([refusal(), refusal(from: "192.0.2.2"), refusal()])
        #expect(outcome.rows.map(\.details) == [#"{"refused":3}"#])
        #expect(outcome.rows.map(\.clientAddress) == [nil])
    }

    @Test func `one alone is an ordinary row`() throws {
        let outcome = try append([refusal()])
        #expect(outcome.rows == [refusal()])
        #expect(outcome.summarised == 0)
    }

    @Test func `a known caller's rows do not wait`() throws {
        let caller = Caller(name: "worker", authentication: .apiKey)
        let rows = Array(repeating: refusal("rate_limited", caller: caller), count: 5)
        #expect(try append(rows, flushes: false).rows == rows)
    }

    @Test func `the allowance is for rows of their own, and all loops have it together`() async throws {
        let start = Moment.now
        let rows = try EventLoop.run { loop in
            let kept = Rows()
            let allowance = RefusalLog.Allowance(now: { start })
            let logs = [0, 1].map { _ in RefusalLog(keep: kept.keep, allowance: allowance, on: loop) }
            for number in 0..<RefusalLog.Allowance.limit.burst {
                try await logs[number % 2].append(refusal(), wait: .seconds(6))
            }
            #expect(!allowance.take())
            return kept.rows
        }
        #expect(rows == Array(repeating: refusal(), count: RefusalLog.Allowance.limit.burst))
    }

    @Test func `what cannot be kept fails for all`() throws {
        let outcome = try append(Array(repeating: refusal(), count: 9), failure: .unavailable)
        #expect(outcome.failed == 9)
        #expect(outcome.kept == 0)
        #expect(outcome.summarised == 0)
    }
}
