import Calendar

/// A moment as AWS writes it: `20150830T123600Z`, ISO 8601's basic format in UTC, whole seconds.
package struct Timestamp: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z; never before that and never after 9999-12-31T23:59:59Z.
    package let epochSeconds: Int64

    private static let epochSecondsMax: Int64 = 253_402_300_799

    /// What lies outside the four-digit years from 1970 on becomes the nearest moment inside.
    package init(epochSeconds: Int64) {
        self.epochSeconds = min(max(epochSeconds, 0), Self.epochSecondsMax)
    }

    /// Nil for anything but the exact form of a moment that the calendar has. Leap seconds are not in it.
    package init?(_ text: String) {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, let day = UTCDay(compact: parts[0]), parts[1].utf8.count == 7,
            let time = Int64(parts[1].dropLast())
        else { return nil }
        let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100)
        self.init(epochSeconds: day.number * UTCDay.seconds + hour * 3600 + minute * 60 + second)
        // What the calendar or the clock lacks comes back as another moment, and a year before 1970 is clamped.
        guard self.text == text else { return nil }
    }

    /// Always 16 ASCII characters.
    package var text: String {
        let (day, second) = UTCDay.of(seconds: epochSeconds)
        return "\(day.compact)T\(clock(ofSecond: second).joined())Z"
    }
}
