/// A moment as AWS writes it: `20150830T123600Z`, ISO 8601's basic format in UTC, whole seconds.
package struct Timestamp: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z; never before that and never after 9999-12-31T23:59:59Z.
    package let epochSeconds: Int64

    private static let secondsPerDay: Int64 = 86_400
    private static let epochSecondsMax: Int64 = 253_402_300_799

    /// What lies outside the four-digit years from 1970 on becomes the nearest moment inside.
    package init(epochSeconds: Int64) {
        self.epochSeconds = min(max(epochSeconds, 0), Self.epochSecondsMax)
    }

    /// Nil for anything but the exact form of a moment that the calendar has. Leap seconds are not in it.
    package init?(_ text: String) {
        let characters = Array(text.utf8)
        guard characters.count == 16, characters[8] == UInt8(ascii: "T"), characters[15] == UInt8(ascii: "Z"),
            let year = decimal(characters[0..<4]), let month = decimal(characters[4..<6]),
            let day = decimal(characters[6..<8]), let hour = decimal(characters[9..<11]), hour < 24,
            let minute = decimal(characters[11..<13]), minute < 60,
            let second = decimal(characters[13..<15]), second < 60
        else { return nil }
        let days = Date(year: year, month: month, day: day).daysSinceEpoch
        let seconds = days * Self.secondsPerDay + hour * 3600 + minute * 60 + second
        self.init(epochSeconds: seconds)
        // A day or month that the calendar lacks comes back as another one, and a year before 1970 is clamped.
        guard self.text == text else { return nil }
    }

    /// Always 16 ASCII characters.
    package var text: String {
        let date = Date(daysSinceEpoch: epochSeconds / Self.secondsPerDay)
        let second = epochSeconds % Self.secondsPerDay
        var text: [UInt8] = []
        text.reserveCapacity(16)
        appendDecimal(date.year, digits: 4, to: &text)
        appendDecimal(date.month, digits: 2, to: &text)
        appendDecimal(date.day, digits: 2, to: &text)
        text.append(UInt8(ascii: "T"))
        appendDecimal(second / 3600, digits: 2, to: &text)
        appendDecimal(second / 60 % 60, digits: 2, to: &text)
        appendDecimal(second % 60, digits: 2, to: &text)
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }
}

/// A day of the proleptic Gregorian calendar, from 0000-03-01 on.
///
/// The arithmetic lets the year begin in March: the leap day is then the last of its year, and the months' lengths
/// repeat 31, 30, 31, 30, 31 every 153 days.
private struct Date {
    let year: Int64
    let month: Int64
    let day: Int64

    private static let daysPerEra: Int64 = 146_097  // 400 years
    private static let daysBeforeEpoch: Int64 = 719_468  // from 0000-03-01 to 1970-01-01

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSinceEpoch: Int64) {
        let days = daysSinceEpoch + Self.daysBeforeEpoch
        let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: Self.daysPerEra)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = yearFromMarch.quotientAndRemainder(dividingBy: 400)
        let monthFromMarch = month <= 2 ? month + 9 : month - 3
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * Self.daysPerEra + dayOfEra - Self.daysBeforeEpoch
    }
}

private func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    for digit in digits {
        guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
        value = value * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    return value
}

private func appendDecimal(_ value: Int64, digits: Int, to text: inout [UInt8]) {
    var divisor: Int64 = 1
    for _ in 1..<digits { divisor *= 10 }
    while divisor > 0 {
        text.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
        divisor /= 10
    }
}
