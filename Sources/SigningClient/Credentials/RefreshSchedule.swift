/// When credentials are to be used, and when others are to be fetched. A rule without a clock of its own: all times are
/// milliseconds since 1970.
struct RefreshSchedule: Sendable, Equatable {
    enum Decision: Sendable, Equatable {
        case use
        /// They are good, and it is time to look for others meanwhile.
        case useAndRefreshAhead
        /// Others are to be waited for; where none come, these are used until they expire.
        case refreshFirst
        /// There are none to use, and the last attempt failed just now.
        case refuse
    }

    /// Before expiry. Credentials that hold for less are refreshed after half and after three quarters of their time.
    static let advisoryMax: Int64 = 15 * 60_000
    static let mandatoryMax: Int64 = 10 * 60_000
    /// Between a refresh that went well and the next one: some services give the same credentials until they expire.
    static let intervalMin: Int64 = 1000
    /// The longest pause after a first failure; it doubles with each further one.
    static let firstPauseMax: Int64 = 1000
    static let pauseMax: Int64 = 60_000
    /// That the rest of the time of credentials is good for, whatever failed before.
    static let attemptsAtLeast: Int64 = 8
    /// While there are none to use.
    static let pauseMaxWithoutAny: Int64 = 5000

    /// Seconds; some 280,000 years from now, which leaves room to reckon with.
    private static let expirationMax = Int64.max / 1_000_000

    private var isHeld = false
    private var obtainedAt: Int64 = 0
    /// nil: never.
    private var expiresAt: Int64?
    private var failureCount = 0
    private var notBefore = Int64.min

    func decision(at now: Int64) -> Decision {
        guard isUsable(at: now) else { return now < notBefore ? .refuse : .refreshFirst }
        guard let expiresAt, now >= notBefore else { return .use }
        let remaining = expiresAt - now
        if remaining < mandatory(before: expiresAt) { return .refreshFirst }
        return remaining < advisory(before: expiresAt) ? .useAndRefreshAhead : .use
    }

    func isUsable(at now: Int64) -> Bool {
        isHeld && expiresAt.map { now < $0 } ?? true
    }

    /// When the next refresh is due without anybody's asking; nil: never.
    func nextRefresh() -> Int64? {
        guard isHeld else { return notBefore }
        return expiresAt.map { max($0 - advisory(before: $0), notBefore) }
    }

    /// - Parameter expiration: in seconds since 1970.
    mutating func succeeded(at now: Int64, expiration: Int64?) {
        isHeld = true
        obtainedAt = now
        expiresAt = expiration.map { min($0, Self.expirationMax) * 1000 }
        failureCount = 0
        notBefore = now + Self.intervalMin
    }

    /// - Parameter random: 0 to 1: how much of the longest pause is taken, from its half on.
    mutating func failed(at now: Int64, random: Double) {
        let pause = min(longestPause(at: now), Self.firstPauseMax << min(failureCount, 16))
        failureCount += 1
        notBefore = now + pause / 2 + Int64(Double(pause / 2) * random)
    }

    /// The less time is left, the more often others are asked for.
    private func longestPause(at now: Int64) -> Int64 {
        guard isUsable(at: now), let expiresAt else { return Self.pauseMaxWithoutAny }
        return min(Self.pauseMax, max(Self.firstPauseMax, (expiresAt - now) / Self.attemptsAtLeast))
    }

    private func advisory(before expiresAt: Int64) -> Int64 {
        min(Self.advisoryMax, (expiresAt - obtainedAt) / 2)
    }

    private func mandatory(before expiresAt: Int64) -> Int64 {
        min(Self.mandatoryMax, (expiresAt - obtainedAt) / 4)
    }
}
