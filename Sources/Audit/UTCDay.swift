/// A day in UTC, by which partitions are cut and named.
struct UTCDay: Equatable, Hashable, Comparable, Sendable {
    private static let microseconds: Int64 = 86_400_000_000

    private static let daysToMarchOfYear0: Int64 = 719_468

    /// Since 1970-01-01.
    private let number: Int64

    /// The day of a time in microseconds since 1970-01-01T00:00:00Z, at or after that.
    init(of time: Int64) {
        number = time / Self.microseconds
    }

    /// - Parameter number: days since 1970-01-01, that day or one after it.
    init(number: Int64) {
        self.number = number
    }

    /// Of `YYYYMMDD`; nil where it is not eight digits. What is no day of the calendar gives some other one.
    init?(compact: Substring) {
        guard compact.utf8.count == 8, compact.allSatisfy({ $0.isASCII && $0.isNumber }), let digits = Int64(compact)
        else { return nil }
        let (year, month, day) = (digits / 10_000, digits / 100 % 100, digits % 100)
        // As below: years from March on, the months of which have 153 days in five.
        let yearFromMarch = month > 2 ? year : year - 1
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let leapDays = yearFromMarch / 4 - yearFromMarch / 100 + yearFromMarch / 400
        number = 365 * yearFromMarch + leapDays + (153 * monthFromMarch + 2) / 5 + day - 1 - Self.daysToMarchOfYear0
    }

    static func < (first: UTCDay, second: UTCDay) -> Bool {
        first.number < second.number
    }

    func advanced(by days: Int64) -> UTCDay {
        UTCDay(number: number + days)
    }

    /// `YYYYMMDD`.
    var compact: String { date.map { digits($0.value, $0.width) }.joined() }

    /// When it begins, as a constant in SQL.
    var sql: String { "timestamptz '\(extended) 00:00:00+00'" }

    /// `YYYY-MM-DD` (ISO 8601).
    var extended: String { date.map { digits($0.value, $0.width) }.joined(separator: "-") }

    /// Year, month and day of the Gregorian calendar.
    private var date: [(value: Int64, width: Int)] {
        // Years that begin in March end with the leap day; 400 of them are one period of 146,097 days.
        let sinceMarch = number + Self.daysToMarchOfYear0
        let (period, day) = sinceMarch.quotientAndRemainder(dividingBy: 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        // Five months from March on have 153 days, as have the next five.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return [(400 * period + year + (month <= 2 ? 1 : 0), 4), (month, 2), (dayOfMonth, 2)]
    }
}

private func digits(_ value: Int64, _ width: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, width - text.count)) + text
}
