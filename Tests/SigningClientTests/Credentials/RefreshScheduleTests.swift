import Testing

@testable import SigningClient

/// When credentials are used and when refreshed, to the millisecond.
struct RefreshScheduleTests {
    private static let start: Int64 = 1_800_000_000_000

    struct Row: Sendable, CustomTestStringConvertible {
        var lifetime: Int64
        /// Milliseconds after the credentials came.
        var at: Int64
        var decision: RefreshSchedule.Decision

        var testDescription: String { "\(lifetime) s, after \(at) ms: \(decision)" }
    }

    @Test(arguments: [
        Row(lifetime: 3600, at: 2_700_000, decision: .use),
        Row(lifetime: 3600, at: 2_700_001, decision: .useAndRefreshAhead),
        Row(lifetime: 3600, at: 3_000_000, decision: .useAndRefreshAhead),
        Row(lifetime: 3600, at: 3_000_001, decision: .refreshFirst),
        Row(lifetime: 3600, at: 3_600_000, decision: .refreshFirst),
        Row(lifetime: 120, at: 60_000, decision: .use),
        Row(lifetime: 120, at: 60_001, decision: .useAndRefreshAhead),
        Row(lifetime: 120, at: 90_001, decision: .refreshFirst),
        Row(lifetime: 1, at: 999, decision: .use),
        Row(lifetime: 1, at: 1000, decision: .refreshFirst),
    ])
    func `ahead of expiry`(row: Row) {
        var schedule = RefreshSchedule()
        schedule.succeeded(at: Self.start, expiration: Self.start / 1000 + row.lifetime)
        #expect(schedule.decision(at: Self.start + row.at) == row.decision)
    }

    @Test func `credentials that never expire are never refreshed`() {
        var schedule = RefreshSchedule()
        schedule.succeeded(at: Self.start, expiration: nil)
        #expect(schedule.decision(at: .max / 2) == .use)
        #expect(schedule.nextRefresh() == nil)
    }

    @Test func `an expiration far beyond all calendars`() {
        var schedule = RefreshSchedule()
        schedule.succeeded(at: Self.start, expiration: .max)
        #expect(schedule.decision(at: Self.start + 86_400_000) == .use)
    }

    @Test func `without credentials, pauses grow to five seconds`() {
        var schedule = RefreshSchedule()
        #expect(schedule.decision(at: Self.start) == .refreshFirst)
        var now = Self.start
        var pauses: [Int64] = []
        for _ in 0..<6 {
            schedule.failed(at: now, random: 1)
            let next = schedule.nextRefresh() ?? 0
            #expect(schedule.decision(at: next - 1) == .refuse)
            #expect(schedule.decision(at: next) == .refreshFirst)
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == [1000, 2000, 4000, 5000, 5000, 5000])
    }

    @Test func `randomness takes up to half of a pause`() {
        var schedule = RefreshSchedule()
        schedule.failed(at: Self.start, random: 0)
        #expect(schedule.nextRefresh() == Self.start + 500)
    }

    @Test func `while credentials hold, a failed refresh leaves them in use, and pauses grow to a minute`() {
        var schedule = RefreshSchedule()
        schedule.succeeded(at: Self.start, expiration: Self.start / 1000 + 3600)
        #expect(Self.pauses(&schedule, from: Self.start + 2_701_000, count: 8) == [1, 2, 4, 8, 16, 32, 60, 60])
    }

    @Test func `the less time is left, the shorter the pauses`() {
        var schedule = RefreshSchedule()
        schedule.succeeded(at: Self.start, expiration: Self.start / 1000 + 120)
        #expect(Self.pauses(&schedule, from: Self.start + 72_000, count: 6) == [1, 2, 4, 5, 4, 3])
    }

    /// In seconds, of failures that follow each other as soon as they may.
    private static func pauses(_ schedule: inout RefreshSchedule, from start: Int64, count: Int) -> [Int64] {
        var now = start
        return (0..<count).map { _ in
            #expect([.useAndRefreshAhead, .refreshFirst].contains(schedule.decision(at: now)))
            schedule.failed(at: now, random: 1)
            let next = schedule.nextRefresh() ?? 0
            #expect(schedule.decision(at: next - 1) == .use)
            defer { now = next }
            return (next - now) / 1000
        }
    }

    @Test func `a success forgets the failures, and the next refresh is a second away at least`() {
        var schedule = RefreshSchedule()
        for _ in 0..<5 { schedule.failed(at: Self.start, random: 1) }
        schedule.succeeded(at: Self.start, expiration: Self.start / 1000 + 1)
        #expect(schedule.nextRefresh() == Self.start + 1000)
        schedule.failed(at: Self.start + 1000, random: 1)
        #expect(schedule.nextRefresh() == Self.start + 2000)
    }
}
