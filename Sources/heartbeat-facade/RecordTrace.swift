import SigningClient

/// What `--debug` shows, on standard error.
struct RecordTrace: Sendable {
    private static let secretHeaders = ["authorization", "cookie", "set-cookie", "x-amz-security-token"]

    private let redaction: Redaction

    init(_ redaction: Redaction) {
        self.redaction = redaction
    }

    func request(to url: String, headers: [(name: String, value: String)], body: [UInt8]) {
        show("> POST \(url)", mark: "> ", headers, body)
    }

    func attempt(_ report: AttemptReport) {
        attempt(report.number, answer: report.answer, failure: report.failure, after: report.duration)
    }

    /// - Parameter failure: why there is no answer, or none that is of use.
    func attempt(_ number: Int, answer: Answer?, failure: CallFailure?, after duration: Duration) {
        let time = "attempt \(number), \(Int(duration / .milliseconds(1))) ms"
        if let answer {
            show("< \(answer.status) (\(time))", mark: "< ", answer.headers.all, answer.body)
        } else if let failure {
            printDiagnostic(redaction.applied(to: "< \(failure) (\(time))"))
        }
    }

    private func show(
        _ title: String, mark: String, _ headers: [(name: String, value: String)], _ body: [UInt8]
    ) {
        var text = ""
        for (name, value) in headers {
            text += "\(name): \(Self.secretHeaders.contains(name.lowercased()) ? "<hidden>" : value)\n"
        }
        text += "\n" + String(decoding: body, as: UTF8.self)
        let lines = redaction.applied(to: text).split(separator: "\n", omittingEmptySubsequences: false)
        printDiagnostic(([title] + lines.map { mark + $0 }).joined(separator: "\n"))
    }
}
