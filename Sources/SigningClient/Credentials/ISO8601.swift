internal import Calendar
internal import SigV4

/// Times as AWS's services and their tools' files write them.
package enum ISO8601 {
    /// - Parameter text: `2026-11-21T08:00:00Z`, perhaps with a fraction of a second, which is dropped, or an offset
    ///   like `+01:00`; without any, and with `UTC` for the `Z`, it is UTC.
    /// - Returns: seconds since 1970; nil for what is no time since then.
    package static func epochSeconds(_ text: String) -> Int64? {
        var reader = Reader(rest: text.utf8[...])
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), reader.skip(":"),
            let second = reader.digits(2)
        else { return nil }
        if reader.skip(".") { reader.skipDigits() }
        guard let offset = reader.offset(), reader.rest.isEmpty,
            let time = Timestamp("\(year)\(month)\(day)T\(hour)\(minute)\(second)Z")
        else { return nil }
        return time.epochSeconds - offset
    }

    /// - Parameter epochSeconds: what lies outside the four-digit years from 1970 on is the nearest time inside.
    static func text(epochSeconds: Int64) -> String {
        let (day, second) = UTCDay.of(seconds: Timestamp(epochSeconds: epochSeconds).epochSeconds)
        return "\(day.extended)T\(clock(ofSecond: second).joined(separator: ":"))Z"
    }

    private struct Reader {
        var rest: Substring.UTF8View

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func skipDigits() {
            rest = rest.drop { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        }

        mutating func digits(_ width: Int) -> String? {
            let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }.prefix(width)
            guard digits.count == width else { return nil }
            rest = rest.dropFirst(width)
            return String(digits)
        }

        /// In seconds, east positive; nil where something else follows the time.
        mutating func offset() -> Int64? {
            if rest.isEmpty || skip("Z") || skip("z") { return 0 }
            if rest.elementsEqual("UTC".utf8) {
                rest = rest.dropFirst(3)
                return 0
            }
            let isEast = skip("+")
            guard isEast || skip("-"), let hours = digits(2).flatMap({ Int64($0) }) else { return nil }
            _ = skip(":")
            guard let minutes = rest.isEmpty ? 0 : digits(2).flatMap({ Int64($0) }), hours < 24, minutes < 60 else {
                return nil
            }
            return (isEast ? 1 : -1) * (hours * 3600 + minutes * 60)
        }
    }
}
