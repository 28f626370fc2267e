import Calendar

/// A time in IMF-fixdate (RFC 9110 §5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`; in whole seconds: one value
/// serves all responses of a second.
package struct HTTPDate: Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// - Parameter secondsSinceEpoch: since 1970-01-01T00:00:00Z, without leap seconds. What is before that or after
    ///   the year 9999 becomes the nearest time that the format can write.
    package init(secondsSinceEpoch: Int64) {
        let lastSecond: Int64 = 253_402_300_799
        let (day, second) = UTCDay.of(seconds: min(max(secondsSinceEpoch, 0), lastSecond))
        let (year, month, dayOfMonth) = day.date
        // The epoch was a Thursday.
        let weekday = Self.weekdays[Int(day.number + 4) % 7]
        let date = "\(digits(dayOfMonth, 2)) \(Self.months[Int(month) - 1]) \(year)"
        description = "\(weekday), \(date) \(clock(ofSecond: second).joined(separator: ":")) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
}
