import Testing

@testable import Telemetry

struct ProcessStatusTests {
    private static let rest =
        "S 1 42 42 0 -1 4194560 2031 0 12 0 150 75 0 0 20 0 5 0 123456 268435456 6400 18446744073709551615 1 1 0 0 0 0"

    @Test(arguments: ["heartbeat-facad", "a (b) c", ") S 1 1 1"])
    func `the name in the line may hold anything`(name: String) {
        let status = ProcessStatus(stat: "42 (\(name)) \(Self.rest)\n")
        #expect(status?.cpuTicks == 225)
        #expect(status?.startTicks == 123_456)
        #expect(status?.virtualBytes == 268_435_456)
        #expect(status?.residentPages == 6400)
    }

    @Test(arguments: [
        "", "42 heartbeat", "42 (heartbeat) S 1 42", "42 (heartbeat) \(rest.replacing("150", with: "x"))",
    ])
    func `what is no such line`(text: String) {
        #expect(ProcessStatus(stat: text) == nil)
    }

    @Test(arguments: [("1024                 4096", 1024), ("unlimited            unlimited", .infinity)])
    func `the soft limit of open files`(limits: String, expected: Double) {
        let text = """
            Limit                     Soft Limit           Hard Limit           Units
            Max processes             7                    8                    processes
            Max open files            \(limits)                 files

            """
        #expect(ProcessStatus.descriptorsMax(limits: text) == expected)
    }

    @Test func `the time of boot`() {
        #expect(
            ProcessStatus.bootTime(stat: "cpu  1 2 3\nintr 4 5\nctxt 6\nbtime 1795200000\nprocesses 7\n")
                == 1_795_200_000)
        #expect(ProcessStatus.bootTime(stat: "cpu  1 2 3\n") == nil)
    }
}
