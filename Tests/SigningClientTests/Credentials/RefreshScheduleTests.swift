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
        var now = Self.start + 3_100_000
        var pauses: [Int64] = []
        for _ in 0..<8 {
            #expect(schedule.decision(at: now) == .refreshFirst)
            schedule.failed(at: now, random: 1)
            let next = schedule.nextRefresh() ?? 0
            #expect(schedule.decision(at: next - 1) == .use)
            pauses.append(next - now)
            now = next
        }
        #expect(pauses == [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    }

    @Test func `a pause ends when the credentials do`() {
        var schedule = RefreshSchedule()
        schedule.succeeded(at: Self.start, expiration: Self.start / 1000 + 60)
        var now = Self.start + 31_000
        for _ in 0..<4 {
            schedule.failed(at: now, random: 1)
            now = schedule.nextRefresh() ?? 0
        }
        schedule.failed(at: now, random: 1)
        #expect(schedule.nextRefresh() == Self.start + 60_000)
        #expect(schedule.decision(at: Self.start + 60_000) == .refreshFirst)
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
