/// A time in IMF-fixdate (RFC 9110 §5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`; in whole seconds: one value
/// serves all responses of a second.
package struct HTTPDate: Sendable, Equatable, CustomStringConvertible {
    package let description: String

    /// - Parameter secondsSinceEpoch: since 1970-01-01T00:00:00Z, without leap seconds. What is before that or after
    ///   the year 9999 becomes the nearest time that the format can write.
    package init(secondsSinceEpoch: Int64) {
        let lastSecond: Int64 = 253_402_300_799
        let seconds = Int(min(max(secondsSinceEpoch, 0), lastSecond))
        let (days, time) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = Self.date(daysSinceEpoch: days)
        // The epoch was a Thursday.
        let weekday = Self.weekdays[(days + 4) % 7]
        let clock = [time / 3600, time / 60 % 60, time % 60].map(Self.twoDigits).joined(separator: ":")
        description = "\(weekday), \(Self.twoDigits(day)) \(Self.months[month - 1]) \(year) \(clock) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    /// The Gregorian date. Years are counted from March, so that the leap day is the last of its year, and in cycles of
    /// 400 years, which all have 146,097 days.
    private static func date(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let daysFromYearZeroToEpoch = 719_468
        let (cycle, dayOfCycle) = (daysSinceEpoch + daysFromYearZeroToEpoch).quotientAndRemainder(dividingBy: 146_097)
        let leapDays = dayOfCycle / 1460 - dayOfCycle / 36_524 + dayOfCycle / 146_096
        let yearOfCycle = (dayOfCycle - leapDays) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        // From March on, month lengths repeat every five months, 153 days.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0), month, day)
    }
}
