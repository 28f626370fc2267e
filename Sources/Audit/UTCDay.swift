/// A day in UTC, by which partitions are cut and named.
struct UTCDay: Equatable, Sendable {
    private static let microseconds: Int64 = 86_400_000_000

    /// Since 1970-01-01.
    private let number: Int64

    /// The day of a time in microseconds since 1970-01-01T00:00:00Z, at or after that.
    init(of time: Int64) {
        number = time / Self.microseconds
    }

    private init(number: Int64) {
        self.number = number
    }

    func advanced(by days: Int64) -> UTCDay {
        UTCDay(number: number + days)
    }

    /// `YYYYMMDD`.
    var compact: String { date.map { digits($0.value, $0.width) }.joined() }

    /// `YYYY-MM-DD` (ISO 8601).
    var extended: String { date.map { digits($0.value, $0.width) }.joined(separator: "-") }

    /// Year, month and day of the Gregorian calendar.
    private var date: [(value: Int64, width: Int)] {
        // Years that begin in March end with the leap day; 400 of them are one period of 146,097 days.
        let daysToMarchOfYear0: Int64 = 719_468
        let sinceMarch = number + daysToMarchOfYear0
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
