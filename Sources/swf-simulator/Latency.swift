import ArgumentParser

/// How long an answer takes, on the command line: `20ms`, `1s`.
struct Latency: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration

    init(duration: Duration) {
        self.duration = duration
    }

    /// nil also where it is over the limit.
    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = UInt32(digits) else { return nil }
        let factor: Int
        switch argument.dropFirst(digits.count) {
        case "ms": factor = 1
        case "s": factor = 1000
        default: return nil
        }
        guard let duration = Words.latency(milliseconds: Int(number) * factor) else { return nil }
        self.duration = duration
    }

    var description: String { "\(Int(duration / .milliseconds(1)))ms" }
}
