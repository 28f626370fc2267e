import ArgumentParser

/// How far the simulator's clock is ahead of the system's, on the command line: `10m`, `-600s`.
struct ClockOffset: ExpressibleByArgument, CustomStringConvertible {
    let seconds: Int64

    /// A day, either way.
    static let secondsMax: Int64 = 86_400

    init(seconds: Int64) {
        self.seconds = seconds
    }

    /// nil also where it is over the limit.
    init?(argument: String) {
        let factors: [Character: Int64] = ["s": 1, "m": 60]
        guard let factor = argument.last.flatMap({ factors[$0] }), let number = Int32(argument.dropLast()) else {
            return nil
        }
        seconds = Int64(number) * factor
        guard abs(seconds) <= Self.secondsMax else { return nil }
    }

    var description: String { "\(seconds)s" }
}

/// What a request gets whose time is too far from the simulator's, by the answer's word.
enum SkewFault: String, ExpressibleByArgument, Sendable {
    /// InvalidSignatureException, which tells both times.
    case invalidSignature = "skew"
    case requestExpired = "request-expired"
    case requestTimeTooSkewed = "too-skewed"
}
