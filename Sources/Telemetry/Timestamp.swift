/// `2026-11-20T21:27:37.123Z` (RFC 3339 §5.6), cut to the millisecond, of the proleptic Gregorian calendar without
/// leap seconds.
///
/// - Parameter microseconds: negative before 1970; the years 0 to 9999 have a form.
package func rfc3339(microsecondsSince1970 microseconds: Int64) -> String {
    let (day, time) = flooredDivision(microseconds, 86_400_000_000)
    let (year, month, dayOfMonth) = civilDate(daysSince1970: day)
    let milliseconds = time / 1000
    let seconds = milliseconds / 1000
    return digits(year, 4) + "-" + digits(month, 2) + "-" + digits(dayOfMonth, 2)
        + "T" + digits(seconds / 3600, 2) + ":" + digits(seconds / 60 % 60, 2) + ":" + digits(seconds % 60, 2)
        + "." + digits(milliseconds % 1000, 3) + "Z"
}

/// Counts in years that begin on 1 March, so that the leap day is a year's last and the lengths of the months before
/// it repeat every five (153 days); 400 years are 146 097 days, and 0000-03-01 is 719 468 days before 1970.
private func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = flooredDivision(days + 719_468, 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
}

private func flooredDivision(_ dividend: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func digits(_ value: Int64, _ count: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
}
