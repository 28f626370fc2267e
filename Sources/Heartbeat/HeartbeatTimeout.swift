import HTTP
internal import JSON

/// A task's heartbeat timeout, as its caller says it: `Heartbeat-Timeout: 60`, or the body's `heartbeatTimeout`.
///
/// It permits answers from the last known status, and a wrong one can cost the task its life: what is not clear is
/// refused rather than ignored.
enum HeartbeatTimeout {
    /// SWF's tasks live for a year at most.
    static let secondsRange = 1...31_536_000
    private static let digitsMax = 8

    /// - Throws: `.invalidRequest`.
    static func of(_ fields: Fields, _ body: HeartbeatBody) throws(Problem) -> Duration? {
        guard fields.count(named: "Heartbeat-Timeout") > 0 else { return body.heartbeatTimeout }
        let values = fields.values(named: "Heartbeat-Timeout")
        guard values.count == 1, let timeout = duration(values[0]) else {
            throw problem("Heartbeat-Timeout")
        }
        if let other = body.heartbeatTimeout, other != timeout {
            throw Problem(.invalidRequest, "Heartbeat-Timeout and \"heartbeatTimeout\" in the body differ: send one.")
        }
        return timeout
    }

    /// - Parameter value: the body's member.
    /// - Throws: `.invalidRequest`.
    static func of(_ value: JSONValue?) throws(Problem) -> Duration? {
        switch value {
        case nil, .null: return nil
        case .other(let text):
            guard let timeout = duration(wholeNumber(text)) else { throw problem("\"heartbeatTimeout\"") }
            return timeout
        case .string, .bool: throw problem("\"heartbeatTimeout\"")
        }
    }

    /// Without a fraction of nothing: to JSON Schema 60.0 is an integer, and there are languages that know no other.
    private static func wholeNumber(_ text: String) -> String {
        let parts = text.split(separator: ".", maxSplits: 1)
        return parts.count == 2 && parts[1].allSatisfy { $0 == "0" } ? String(parts[0]) : text
    }

    private static func duration(_ text: String) -> Duration? {
        guard (1...digitsMax).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int(text), secondsRange.contains(seconds)
        else { return nil }
        return .seconds(seconds)
    }

    private static func problem(_ name: String) -> Problem {
        let range = "\(secondsRange.lowerBound) to \(secondsRange.upperBound)"
        return Problem(
            .invalidRequest, "\(name) must be the task's heartbeat timeout in whole seconds, \(range), and given once.")
    }
}
