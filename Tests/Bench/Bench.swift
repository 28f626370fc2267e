import EventLoop
import Foundation

/// CPU time of parts of the service by themselves, on one thread and without a network but the machine's own.
@main
struct Bench {
    private static let subjects: KeyValuePairs<String, @Sendable (EventLoop) async throws -> Void> = [
        "authentication": benchAuthentication, "audit": benchAudit, "call": benchCall, "flow": benchFlow,
    ]

    /// Arguments: the subjects; none: all of them. Or `fleet` or `start`, which take their own.
    static func main() throws {
        let wanted = CommandLine.arguments.dropFirst()
        switch wanted.first {
        case "fleet": return FleetBench.run(Array(wanted.dropFirst()))
        case "start": return StartBench.run(Array(wanted.dropFirst()))
        default: break
        }
        let names = subjects.map(\.key)
        if let unknown = wanted.first(where: { !names.contains($0) }) {
            FileHandle.standardError.write(Data("bench: there is no \(unknown): \(names)\n".utf8))
            exit(64)
        }
        for (name, run) in subjects where wanted.isEmpty || wanted.contains(name) {
            print(name)
            try EventLoop.run { loop in try await run(loop) }
        }
    }
}

/// Prints what each operation costs, in CPU time of this thread: the median of the parts that it is cut into.
/// - Parameters:
///   - perCall: how many `body` does at a time.
///   - body: does them, by the number of its call.
func measure(
    _ name: String, _ operations: Int, perCall: Int = 1, _ body: (Int) async throws -> Void
) async throws {
    let partCount = 9
    var times: [Double] = []
    for part in 0..<partCount {
        let range = (part * operations / partCount)..<((part + 1) * operations / partCount)
        let start = threadTime()
        for number in range { try await body(number) }
        times.append((threadTime() - start) / Double(range.count * perCall))
    }
    times.sort()
    let padded = name.padding(toLength: 28, withPad: " ", startingAt: 0)
    print(
        "  \(padded)" + String(format: "%8.2f µs  (%.2f to %.2f)", times[partCount / 2], times[0], times[partCount - 1])
    )
}

/// In microseconds.
private func threadTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
}

/// What a measurement needs and does not have.
struct BenchError: Error, CustomStringConvertible {
    let description: String
}
