/// The answers that have a name, for scripts and for tokens that say what they want.
enum Words {
    struct Entry: Sendable {
        let meaning: String
        let answer: Answer

        var word: String { answer.kind }
    }

    /// Those that stand in `entries` and those with a number: `slow:MS` and a status code.
    static func answer(for word: String) -> Answer? {
        if let answer = answers[word] { return answer }
        if word.hasPrefix(slowPrefix) { return slow(word.dropFirst(slowPrefix.count)) }
        if word.hasPrefix(throttlePrefix) { return throttle(word.dropFirst(throttlePrefix.count)) }
        if word.hasPrefix(faultPrefix) { return fault(word.dropFirst(faultPrefix.count)) }
        return bareStatus(word)
    }

    static let patterns = [
        (word: "\(slowPrefix)MS", meaning: "ok after MS milliseconds, at most 300000"),
        (word: "\(throttlePrefix)MS", meaning: "throttle with an x-amz-retry-after of MS milliseconds"),
        (word: "\(faultPrefix)NAME", meaning: "a fault of that name, of at most \(faultNameMax) letters"),
        (word: "NNN", meaning: "that status with a page of HTML, 200 to 599"),
    ]

    private static let slowPrefix = "slow:"
    private static let throttlePrefix = "throttle:"
    private static let faultPrefix = "fault:"
    private static let faultNameMax = 64
    private static let answers = Dictionary(entries.map { ($0.word, $0.answer) }) { first, _ in first }

    private static func slow(_ digits: Substring) -> Answer? {
        guard let number = UInt32(digits), let latency = latency(milliseconds: Int(number)) else { return nil }
        return .success(kind: "slow", cancelRequested: false, latency: latency)
    }

    private static func throttle(_ digits: Substring) -> Answer? {
        guard let milliseconds = UInt32(digits) else { return nil }
        let fault = Fault.rateExceeded
        let fields = fault.fields.merging(["x-amz-retry-after": "\(milliseconds)"]) { $1 }
        return Answer(kind: fault.kind, content: .response(status: fault.status, fields: fields, body: fault.body))
    }

    /// As the services do that have other names for what SWF has.
    private static func fault(_ name: Substring) -> Answer? {
        guard (1...faultNameMax).contains(name.utf8.count), name.allSatisfy({ $0.isASCII && $0.isLetter }) else {
            return nil
        }
        return Answer(Fault("fault", .framework, String(name), message: nil))
    }

    /// nil where it is negative or over the limit.
    static func latency(milliseconds: Int) -> Duration? {
        let latency = Duration.milliseconds(milliseconds)
        return milliseconds >= 0 && latency <= Answer.latencyMax ? latency : nil
    }

    /// As a load balancer answers, which knows nothing of JSON.
    private static func bareStatus(_ word: String) -> Answer? {
        guard word.utf8.count == 3, let status = Int(word), (200...599).contains(status) else { return nil }
        return Answer(
            kind: word, status: status, fields: ["Content-Type": "text/html"],
            body: "<html><body><h1>\(status)</h1></body></html>\n")
    }
}
