/// What one call gets.
struct Answer: Sendable, Equatable {
    enum Content: Sendable, Equatable {
        /// 200 to 599.
        case response(status: Int, fields: [String: String], body: [UInt8])
        /// `ok`, but that the connection is closed instead of so many bytes of its end.
        case disconnection(withheldBytes: Int)
    }

    /// The word it is counted under.
    var kind: String
    var content: Content
    /// Before it is sent; nil: as long as the simulator takes for every answer.
    var latency: Duration?

    /// The operation's own, not a fault nor an oddity: its form is the operation's.
    var isSuccess = false

    /// What an answer may wait for at most: the service gives up on its own side about then.
    static let latencyMax = Duration.seconds(300)
}

extension Answer {
    init(kind: String, status: Int, fields: [String: String] = [:], body: String = "") {
        let content = Content.response(status: status, fields: fields, body: Array(body.utf8))
        self.init(kind: kind, content: content)
    }

    /// No space in the body, as AWS's API reference shows it.
    static func success(kind: String, cancelRequested: Bool, latency: Duration? = nil) -> Answer {
        var answer = json("{\"cancelRequested\":\(cancelRequested)}", kind: kind)
        answer.latency = latency
        answer.isSuccess = true
        return answer
    }

    /// RespondActivityTaskCanceled has nothing to say.
    func asAnswer(to operation: Operation) -> Answer {
        guard isSuccess, operation == .respondCanceled else { return self }
        var answer = self
        answer.content = Self.json("", kind: kind).content
        return answer
    }

    /// 200 with the content type of AWS's API reference.
    static func json(_ body: String, kind: String) -> Answer {
        Answer(kind: kind, status: 200, fields: ["Content-Type": "application/json"], body: body)
    }

    init(_ fault: Fault) {
        self.init(
            kind: fault.kind, content: .response(status: fault.status, fields: fault.fields, body: fault.body))
    }
}
