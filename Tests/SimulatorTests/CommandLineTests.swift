import ArgumentParser
import Heartbeat
import Testing

@testable import swf_simulator

struct CommandLineTests {
    struct Row: NamedRow {
        let name: String
        let latency: Duration?
    }

    static let rows = [
        Row(name: "20ms", latency: .milliseconds(20)), Row(name: "0ms", latency: .zero),
        Row(name: "1s", latency: .seconds(1)), Row(name: "300s", latency: .seconds(300)),
        Row(name: "301s", latency: nil), Row(name: "20", latency: nil), Row(name: "ms", latency: nil),
        Row(name: "-1s", latency: nil), Row(name: "1.5s", latency: nil), Row(name: "1m", latency: nil),
        Row(name: "", latency: nil), Row(name: "99999999999999999999s", latency: nil),
    ]

    @Test(arguments: rows) func `reads latencies`(_ row: Row) {
        #expect(Latency(argument: row.name)?.duration == row.latency)
    }

    @Test(
        arguments: [
            ("10m", 600), ("-10m", -600), ("90s", 90), ("-1s", -1), ("0s", 0), ("1440m", 86_400), ("-86400s", -86_400),
            ("1441m", nil), ("86401s", nil), ("10", nil), ("m", nil), ("", nil), ("1h", nil), ("1.5m", nil),
            ("99999999999s", nil),
        ] as [(String, Int64?)])
    func `reads clock offsets`(_ text: String, _ seconds: Int64?) {
        #expect(ClockOffset(argument: text)?.seconds == seconds)
    }

    @Test func `takes an offset that begins with a minus`() throws {
        let command = try SWFSimulator.parse(["--clock-offset", "-10m", "--skew-fault", "request-expired"])
        #expect(command.clockOffset.seconds == -600)
        #expect(command.skewFault == .requestExpired)
    }

    @Test func `takes a rate and a heartbeat timeout, and has neither by itself`() throws {
        let command = try SWFSimulator.parse(["--rate", "160/s:2000", "--heartbeat-timeout", "60s"])
        #expect(command.rate.map { [$0.rate, $0.burst] } == [160, 2000])
        #expect(command.heartbeatTimeout?.duration == .seconds(60))
        let plain = try SWFSimulator.parse([])
        #expect(plain.rate == nil && plain.heartbeatTimeout == nil)
    }

    struct Mistake: NamedRow {
        let name: String
        let arguments: [String]
    }

    static let mistakes = [
        Mistake(name: "a name to listen at", arguments: ["--listen", "localhost:0"]),
        Mistake(name: "a port alone", arguments: ["--listen", "8000"]),
        Mistake(name: "a key without a secret", arguments: ["--access-key-id", "A"]),
        Mistake(name: "a secret without a key", arguments: ["--secret-access-key", "S"]),
        Mistake(name: "a clock too far off", arguments: ["--clock-offset", "2000m"]),
        Mistake(name: "another fault for a wrong clock", arguments: ["--skew-fault", "throttle"]),
        Mistake(name: "a latency without a unit", arguments: ["--latency", "20"]),
        Mistake(name: "a rate of none", arguments: ["--rate", "0/s:10"]),
        Mistake(name: "a rate without its time", arguments: ["--rate", "160:2000"]),
        Mistake(name: "a timeout without a unit", arguments: ["--heartbeat-timeout", "60"]),
    ]

    @Test(arguments: mistakes) func `refuses wrong usage`(_ mistake: Mistake) {
        #expect(throws: (any Error).self) { try SWFSimulator.parse(mistake.arguments) }
    }

    @Test func `takes keys in pairs`() throws {
        let command = try SWFSimulator.parse([
            "--access-key-id", "A", "--secret-access-key", "-S", "--access-key-id", "B", "--secret-access-key", "T",
        ])
        #expect(command.accessKeyIDs == ["A", "B"])
        #expect(command.secretAccessKeys == ["-S", "T"])
    }
}
