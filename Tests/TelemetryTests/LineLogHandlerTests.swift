import Logging
import Synchronization
import Testing

@testable import Telemetry

/// Keeps the lines it is given.
private final class Lines: Sendable {
    private let kept = Mutex<[String]>([])

    func append(_ line: [UInt8]) {
        kept.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    }

    var all: [String] { kept.withLock { $0 } }
}

private struct Failure: Error, CustomStringConvertible {
    let description = "no \"luck\""
}

/// 2026-11-20T21:27:37.123456Z
private let now: Int64 = 1_795_210_057_123_456

private func lines(
    level: Logger.Level = .trace, format: LineLogHandler.Format, metadata: Logger.Metadata = [:],
    provided: Logger.Metadata? = nil, _ body: (Logger) -> Void
) -> [String] {
    let lines = Lines()
    var handler = LineLogHandler(level: level, format: format, clock: { now }, sink: { lines.append($0) })
    handler.metadata = metadata
    if let provided {
        handler.metadataProvider = Logger.MetadataProvider { provided }
    }
    let made = handler
    body(Logger(label: "test") { _ in made })
    return lines.all
}

struct LineLogHandlerTests {
    @Test func `a JSON line`() {
        let written = lines(format: .json) {
            $0.info("listening", metadata: ["port": "8080", "loops": .stringConvertible(2)])
        }
        #expect(
            written == [
                #"{"time":"2026-11-20T21:27:37.123Z","level":"info","msg":"listening","loops":"2","port":"8080"}"#
                    + "\n"
            ])
    }

    @Test func `a text line`() {
        let written = lines(format: .text) {
            $0.warning("slow \"start\"\nforged", metadata: ["a": "plain", "b": "two words", "c": "", "d e": "x=\"y\""])
        }
        #expect(
            written == [
                #"2026-11-20T21:27:37.123Z WARNING slow "start"\nforged a=plain b="two words" c="" "d e"="x=\"y\"""#
                    + "\n"
            ])
    }

    @Test func `nested metadata is flattened`() {
        let written = lines(format: .text) {
            $0.error("m", metadata: ["outer": ["inner": "1", "list": ["a", ["deep": "b"]]]])
        }
        #expect(written == ["2026-11-20T21:27:37.123Z ERROR m outer.inner=1 outer.list.0=a outer.list.1.deep=b\n"])
    }

    @Test func `the narrowest scope wins`() {
        let written = lines(format: .text, metadata: ["a": "1", "b": "1", "c": "1"], provided: ["b": "2", "c": "2"]) {
            $0.info("m", metadata: ["c": "3"])
        }
        #expect(written == ["2026-11-20T21:27:37.123Z INFO m a=1 b=2 c=3\n"])
    }

    @Test func `metadata cannot repeat a key of the line itself`() {
        let written = lines(format: .json) { $0.info("m", metadata: ["level": "x", "msg": "y", "time": "z"]) }
        #expect(
            written == [
                #"{"time":"2026-11-20T21:27:37.123Z","level":"info","msg":"m","#
                    + #""metadata.level":"x","metadata.msg":"y","metadata.time":"z"}"# + "\n"
            ])
    }

    @Test func `an attached error is a field`() {
        let written = lines(format: .json) { $0.critical("m", error: Failure()) }
        #expect(
            written == [
                #"{"time":"2026-11-20T21:27:37.123Z","level":"critical","msg":"m","error":"no \"luck\""}"# + "\n"
            ])
    }

    @Test(arguments: [
        (#"say "hi" \ /"#, #"say \"hi\" \\ /"#),
        ("a\nb\r\nc\td", #"a\nb\r\nc\td"#),
        ("\u{0}\u{8}\u{C}\u{1B}[31m\u{1F}", #"\u0000\u0008\u000c\u001b[31m\u001f"#),
        ("\u{7F}\u{85}\u{9B}", #"\u007f\u0085\u009b"#),
        ("\u{2028}\u{2029}\u{202E}\u{2066}", #"\u2028\u2029\u202e\u2066"#),
        ("é 心 🫀 e\u{301}", "é 心 🫀 e\u{301}"),
        (String(decoding: [0x61, 0xFF, 0xC0, 0x62] as [UInt8], as: UTF8.self), "a\u{FFFD}\u{FFFD}b"),
    ])
    func `text is escaped in message, key and value`(text: String, escaped: String) {
        let written = lines(format: .json) { $0.info("\(text)", metadata: [text: "\(text)"]) }
        #expect(
            written == [
                #"{"time":"2026-11-20T21:27:37.123Z","level":"info","msg":""# + escaped + #"",""# + escaped + #"":""#
                    + escaped + #""}"# + "\n"
            ])
    }

    @Test(arguments: Logger.Level.allCases)
    func `what is below the level is not written`(level: Logger.Level) {
        let written = lines(level: level, format: .text) { logger in
            for each in Logger.Level.allCases {
                logger.log(level: each, "m")
            }
        }
        let expected = Logger.Level.allCases.filter { $0 >= level }
        #expect(written == expected.map { "2026-11-20T21:27:37.123Z \($0.rawValue.uppercased()) m\n" })
    }

    @Test func `a logger's level and metadata are its own`() {
        let written = lines(level: .info, format: .text) { logger in
            var verbose = logger
            verbose.logLevel = .debug
            verbose[metadataKey: "loop"] = "1"
            verbose.debug("m")
            logger.debug("m")
            logger.info("n")
        }
        #expect(written == ["2026-11-20T21:27:37.123Z DEBUG m loop=1\n", "2026-11-20T21:27:37.123Z INFO n\n"])
    }
}

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (999, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000Z"),
            (1_735_689_599_000_000, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000Z"),
            (253_402_300_799_999_000, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `an instant in RFC 3339`(microseconds: Int64, expected: String) {
        #expect(rfc3339(microsecondsSince1970: microseconds) == expected)
    }
}
