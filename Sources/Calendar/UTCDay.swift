/// A day in UTC, of the proleptic Gregorian calendar and without leap seconds.
package struct UTCDay: Hashable, Comparable, Sendable {
    package static let seconds: Int64 = 86_400

    /// Since 1970-01-01; negative before it.
    package let number: Int64

    /// - Parameter number: days since 1970-01-01, negative before it.
    package init(number: Int64) {
        self.number = number
    }

    // Both ways count in years that begin in March: the leap day is their last, and five months have 153 days, as have
    // the next five. 400 years are one period of 146,097 days, and March of the year 0 is 719,468 days before 1970.
    private static let periodDays: Int64 = 146_097
    private static let daysFromMarchOfYear0: Int64 = 719_468

    /// - Parameters:
    ///   - month: 1 to 12.
    ///   - day: where the month lacks it, the day is one of another month's.
    package init(year: Int64, month: Int64, day: Int64) {
        let yearFromMarch = month > 2 ? year : year - 1
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let (period, yearOfPeriod) = yearFromMarch.flooredDivision(by: 400)
        let leapDays = yearOfPeriod / 4 - yearOfPeriod / 100
        let dayOfPeriod = 365 * yearOfPeriod + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1
        number = Self.periodDays * period + dayOfPeriod - Self.daysFromMarchOfYear0
    }

    /// Months and days count from 1.
    package var date: (year: Int64, month: Int64, day: Int64) {
        let (period, day) = (number + Self.daysFromMarchOfYear0).flooredDivision(by: Self.periodDays)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (400 * period + year + (month <= 2 ? 1 : 0), month, dayOfMonth)
    }

    package static func < (first: UTCDay, second: UTCDay) -> Bool {
        first.number < second.number
    }

    package func advanced(by days: Int64) -> UTCDay {
        UTCDay(number: number + days)
    }
}

extension UTCDay {
    /// - Parameter seconds: since 1970-01-01T00:00:00Z, negative before it.
    /// - Returns: the day, and the second of that day.
    package static func of(seconds: Int64) -> (day: UTCDay, second: Int64) {
        let (number, second) = seconds.flooredDivision(by: Self.seconds)
        return (UTCDay(number: number), second)
    }

    /// Of `YYYYMMDD`; nil where it is not eight digits. What is no day of the calendar gives some other one.
    package init?(compact: Substring) {
        guard compact.utf8.count == 8, compact.allSatisfy({ $0.isASCII && $0.isNumber }), let digits = Int64(compact)
        else { return nil }
        self.init(year: digits / 10_000, month: digits / 100 % 100, day: digits % 100)
    }

    /// `YYYYMMDD`, of the years 0 to 9999.
    package var compact: String { parts.joined() }

    /// `YYYY-MM-DD` (ISO 8601), of the years 0 to 9999.
    package var extended: String { parts.joined(separator: "-") }

    private var parts: [String] {
        let (year, month, day) = date
        return [digits(year, 4), digits(month, 2), digits(day, 2)]
    }
}

/// The hour, the minute and the second of a second of the day, of two digits each.
package func clock(ofSecond second: Int64) -> [String] {
    [second / 3600, second / 60 % 60, second % 60].map { digits($0, 2) }
}

/// - Parameter width: how many digits there are to be, with zeros before those of the value.
package func digits(_ value: Int64, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
}

extension Int64 {
    /// Division whose remainder is not negative, for a positive divisor.
    package func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
