internal import EventLoop
internal import HTTP

/// The time for `Date` fields, made into text once a second.
final class DateField {
    private var second: Int64 = -1
    private var date = HTTPDate(secondsSinceEpoch: 0)
    private let offsetSeconds: Int64

    /// - Parameter offsetSeconds: how far it is ahead of the system's clock.
    init(offsetSeconds: Int64 = 0) {
        self.offsetSeconds = offsetSeconds
    }

    var now: HTTPDate {
        let current = wallClockMicroseconds() / 1_000_000 + offsetSeconds
        if current != second {
            second = current
            date = HTTPDate(secondsSinceEpoch: current)
        }
        return date
    }
}
