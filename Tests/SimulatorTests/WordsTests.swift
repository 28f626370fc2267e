import Testing

@testable import swf_simulator

struct WordsTests {
    struct Row: NamedRow {
        let name: String
        var token: String
        /// nil: the token says nothing.
        var kind: String?
        var status: Int?
        var body: String?
        var latency: Duration?

        init(_ text: String, _ kind: String?, _ status: Int? = nil, _ body: String? = nil, latency: Duration? = nil) {
            name = text
            token = SimulatorTests.token(text)
            self.kind = kind
            self.status = status
            self.body = body
            self.latency = latency
        }

        init(token: String, _ kind: String?) {
            name = "the token \(token)"
            self.token = token
            self.kind = kind
        }
    }

    static let rows = [
        Row("ok", "ok", 200, #"{"cancelRequested":false}"#),
        Row("cancel", "cancel", 200, #"{"cancelRequested":true}"#),
        Row("cancel#17", "cancel", 200, #"{"cancelRequested":true}"#),
        Row("cancel#", "cancel", 200, #"{"cancelRequested":true}"#),
        Row("cancel#a#b", "cancel", 200, #"{"cancelRequested":true}"#),
        Row(
            "unknown", "unknown", 400,
            """
            {"__type":"com.amazonaws.swf.base.model#UnknownResourceFault",\
            "message":"Unknown activity, scheduledEventId = 5"}
            """),
        Row("internal", "internal", 500, #"{"__type":"com.amazon.coral.service#InternalFailure"}"#),
        Row("hang", "hang", 500, latency: .seconds(300)),
        Row("reset", "reset"), Row("cut-headers", "cut-headers"), Row("cut-body", "cut-body"),
        Row(
            "throttle:250", "throttle", 400,
            #"{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}"#),
        Row("throttle:0", "throttle", 400), Row("throttle:", nil), Row("throttle:-1", nil), Row("throttle:1.5", nil),
        Row("fault:SlowDown#1", "fault", 400, #"{"__type":"com.amazon.coral.service#SlowDown"}"#),
        Row("fault:", nil), Row("fault:a b", nil), Row("fault:" + String(repeating: "a", count: 65), nil),
        Row("no-flag", "no-flag", 200, "{}"),
        Row("redirect", "redirect", 301, ""),
        Row("teapot", "teapot", 418, ""),
        Row("500", "500", 500), Row("503#4", "503", 503), Row("200", "200", 200), Row("599", "599", 599),
        Row("199", nil), Row("600", nil), Row("+50", nil), Row("0500", nil),
        Row("slow:0", "slow", 200, #"{"cancelRequested":false}"#, latency: .zero),
        Row("slow:250#9", "slow", 200, latency: .milliseconds(250)),
        Row("slow:300000", "slow", 200, latency: .seconds(300)),
        Row("slow:300001", nil), Row("slow:-1", nil), Row("slow:", nil), Row("slow:4294967296", nil),
        Row("Cancel", nil), Row("cancel ", nil), Row("", nil), Row("#cancel", nil),
        Row(token: "Y2FuY2Vs", "cancel"),
        Row(token: "Y2FuY2VsIzE", nil),  // without its padding
        Row(token: "cancel", nil),
        Row(token: "AAAAKgAAAAEAAAAAAAAAA+/=", nil),
    ]

    @Test(arguments: rows) func `tokens say what they want`(_ row: Row) {
        let answer = Words.answer(forToken: row.token)
        #expect(answer?.kind == row.kind)
        #expect(row.status == nil || answer?.status == row.status)
        #expect(row.body == nil || answer?.text == row.body)
        #expect(answer?.latency == row.latency)
    }

    @Test func `a disconnection has no status`() {
        #expect(Words.answer(for: "reset")?.content == .disconnection(withheldBytes: .max))
        #expect(Words.answer(for: "reset")?.status == nil)
    }

    @Test func `a throttle may say how long to wait`() {
        #expect(Words.answer(for: "throttle:250")?.fields["x-amz-retry-after"] == "250")
        #expect(Words.answer(for: "throttle")?.fields["x-amz-retry-after"] == nil)
    }

    @Test func `each word stands once in the table and in the help`() {
        let words = Words.entries.map(\.word)
        #expect(Set(words).count == words.count)
        for word in words + Words.patterns.map(\.word) {
            #expect(helpText.contains("\n  \(word) "), "\(word)")
        }
    }

    @Test func `large is JSON of more than 100 KB`() throws {
        let text = try #require(Words.answer(for: "large")?.text)
        #expect(text.utf8.count > 100 * 1024)
        #expect(text.hasPrefix(#"{"cancelRequested":false,"#) && text.hasSuffix(#""}"#))
    }
}
