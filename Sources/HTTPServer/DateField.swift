internal import EventLoop
internal import HTTP

/// The time for `Date` fields, made into text once a second.
final class DateField {
    private var second: Int64 = -1
    private var date = HTTPDate(secondsSinceEpoch: 0)

    var now: HTTPDate {
        let current = wallClockMicroseconds() / 1_000_000
        if current != second {
            second = current
            date = HTTPDate(secondsSinceEpoch: current)
        }
        return date
    }
}
