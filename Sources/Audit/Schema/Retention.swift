internal import Calendar

/// Which days have a partition.
package struct Retention: Sendable, Equatable {
    private static let daysBehind: Int64 = 1
    private static let daysAhead: Int64 = 7
    /// Where partitions are made for others by a job that runs once a day.
    private static let daysAheadMin: Int64 = 2
    /// How many days in the default partition get a partition of their own at a time.
    private static let daysOutMax = 31

    /// Microseconds since 1970-01-01T00:00:00Z.
    package let now: Int64
    /// Days that ended longer ago are dropped; nil: none is.
    package let retention: Duration?

    /// - Parameter retention: at least a day.
    package init(now: Int64, retention: Duration?) {
        self.now = now
        self.retention = retention
    }

    var today: UTCDay { Self.day(now / 1_000_000) }

    /// nil: all are kept.
    var firstKept: UTCDay? {
        retention.map { Self.day(max(0, now / 1_000_000 - Int64(clamping: $0.components.seconds))) }
    }

    var lastAhead: UTCDay { today.advanced(by: Self.daysAhead) }

    /// From yesterday on, since a row may come late.
    var days: [UTCDay] { (-Self.daysBehind...Self.daysAhead).map { today.advanced(by: $0) } }

    /// Those of which the lack is to be told where somebody else makes them.
    var daysNeeded: [UTCDay] { (0...Self.daysAheadMin).map { today.advanced(by: $0) } }

    /// Those to get a partition after all, of the days of rows that went to the default one.
    func daysOut(of inDefault: [UTCDay]) -> [UTCDay] {
        let kept = inDefault.filter { $0 <= lastAhead && !isExpired($0) }
        return Array(kept.sorted().prefix(Self.daysOutMax))
    }

    private static func day(_ seconds: Int64) -> UTCDay { UTCDay.of(seconds: seconds).day }

    func isExpired(_ day: UTCDay) -> Bool {
        firstKept.map { day < $0 } ?? false
    }
}
