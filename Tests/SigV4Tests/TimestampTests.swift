import SigV4
import Testing

@Suite struct TimestampTests {
    struct Moment: CustomTestStringConvertible {
        let seconds: Int64
        let text: String

        var testDescription: String { text }
    }

    static let moments = [
        Moment(seconds: 0, text: "19700101T000000Z"),
        Moment(seconds: 951_782_399, text: "20000228T235959Z"),
        Moment(seconds: 951_782_400, text: "20000229T000000Z"),
        Moment(seconds: 951_868_800, text: "20000301T000000Z"),
        Moment(seconds: 1_440_938_160, text: "20150830T123600Z"),
        Moment(seconds: 1_709_164_799, text: "20240228T235959Z"),
        Moment(seconds: 1_735_689_599, text: "20241231T235959Z"),
        Moment(seconds: 1_735_689_600, text: "20250101T000000Z"),
        Moment(seconds: 4_107_542_400, text: "21000301T000000Z"),
        Moment(seconds: 253_402_300_799, text: "99991231T235959Z"),
    ]

    @Test(arguments: moments) func `there and back`(moment: Moment) {
        #expect(Timestamp(epochSeconds: moment.seconds).text == moment.text)
        #expect(Timestamp(moment.text)?.epochSeconds == moment.seconds)
    }

    @Test func `every day of four centuries follows the one before`() throws {
        var (year, month, day) = (1970, 1, 1)
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        for days in 0..<146_097 {
            let timestamp = Timestamp(epochSeconds: Int64(days) * 86_400 + 86_399)
            try #require(timestamp.text == "\(year)\(padded(month))\(padded(day))T235959Z")
            try #require(Timestamp(timestamp.text) == timestamp)
            let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let days = [31, isLeapYear ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            day += 1
            if day > days[month - 1] { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
        #expect(year == 2370)
    }

    @Test func `moments outside four-digit years become the nearest inside`() {
        #expect(Timestamp(epochSeconds: -1).text == "19700101T000000Z")
        #expect(Timestamp(epochSeconds: .min).text == "19700101T000000Z")
        #expect(Timestamp(epochSeconds: .max).text == "99991231T235959Z")
    }

    @Test(arguments: [
        "", "20150830T123600", "20150830T123600Z ", " 20150830T123600Z", "20150830t123600Z", "20150830T123600z",
        "2015-08-30T12:36:00Z", "20150830T246000Z", "20150830T236000Z", "20150830T235960Z", "20150800T123600Z",
        "20150832T123600Z", "20151330T123600Z", "20150030T123600Z", "20150229T123600Z", "21000229T123600Z",
        "19691231T235959Z", "00000101T000000Z", "2015083+T123600Z", "２0150830T12360Z", "20150830T1236-1Z",
    ])
    func `what is no such moment`(text: String) {
        #expect(Timestamp(text) == nil)
    }
}
