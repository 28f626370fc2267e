import Calendar
import Testing

struct UTCDayTests {
    struct Row: CustomTestStringConvertible, Sendable {
        /// Seconds since 1970.
        let time: Int64
        let day: String

        var testDescription: String { "\(time) s is on \(day)" }
    }

    static let rows = [
        Row(time: 0, day: "1970-01-01"), Row(time: 86_399, day: "1970-01-01"), Row(time: 86_400, day: "1970-01-02"),
        Row(time: 951_782_399, day: "2000-02-28"), Row(time: 951_782_400, day: "2000-02-29"),
        Row(time: 951_868_800, day: "2000-03-01"), Row(time: 978_220_800, day: "2000-12-31"),
        Row(time: 1_795_132_800, day: "2026-11-20"), Row(time: 4_107_542_400, day: "2100-03-01"),
        Row(time: 4_107_542_399, day: "2100-02-28"), Row(time: -1, day: "1969-12-31"),
        Row(time: -2_203_891_200, day: "1900-03-01"), Row(time: -2_203_891_201, day: "1900-02-28"),
        Row(time: -62_162_121_600, day: "0000-02-29"), Row(time: -62_167_219_200, day: "0000-01-01"),
        Row(time: 253_402_300_799, day: "9999-12-31"),
    ]

    @Test(arguments: rows)
    func `a time lies on a day`(row: Row) {
        #expect(UTCDay.of(seconds: row.time).day.extended == row.day)
    }

    @Test func `days follow one another across months and years`() {
        let day = UTCDay(number: 20_818)
        #expect([0, 1, 2].map { day.advanced(by: $0).compact } == ["20261231", "20270101", "20270102"])
        #expect(day.advanced(by: -31).compact == "20261130")
    }

    @Test func `a day is found again by its name`() {
        // From the year 0 on, twice the calendar's whole period of four hundred years.
        for number in stride(from: Int64(-719_528), through: -719_528 + 2 * 146_097, by: 1) {
            let day = UTCDay(number: number)
            guard UTCDay(compact: day.compact[...]) == day else {
                Issue.record("\(day.compact)")
                return
            }
        }
        for text in ["", "2026112", "202611200", "2026-1-1", "default!", "+2026112"] {
            #expect(UTCDay(compact: text[...]) == nil, "\(text)")
        }
    }

    @Test(arguments: [
        (0, "00:00:00", 0), (86_399, "23:59:59", 86_399), (-1, "23:59:59", 86_399), (3_661, "01:01:01", 3_661),
    ])
    func `a time has its second of the day`(seconds: Int64, text: String, second: Int64) {
        let time = UTCDay.of(seconds: seconds).second
        #expect(time == second)
        #expect(clock(ofSecond: time).joined(separator: ":") == text)
    }
}
