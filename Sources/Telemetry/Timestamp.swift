import Calendar

/// `2026-11-20T21:27:37.123Z` (RFC 3339 §5.6), cut to the millisecond.
///
/// - Parameter microseconds: negative before 1970; the years 0 to 9999 have a form.
package func rfc3339(microsecondsSince1970 microseconds: Int64) -> String {
    let (seconds, fraction) = microseconds.flooredDivision(by: 1_000_000)
    let (day, second) = UTCDay.of(seconds: seconds)
    return "\(day.extended)T\(clock(ofSecond: second).joined(separator: ":")).\(digits(fraction / 1000, 3))Z"
}
