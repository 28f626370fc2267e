internal import JSON
public import SigningClient

/// Tells SWF that an activity task still makes progress, and learns whether its cancellation is requested.
///
/// A call renews the task's heartbeat timeout. It fails with `UnknownResourceFault` once the task is closed or timed
/// out: then there is nothing left to work for.
/// https://docs.aws.amazon.com/amazonswf/latest/apireference/API_RecordActivityTaskHeartbeat.html
public struct RecordActivityTaskHeartbeat: ServiceOperation {
    public static let target = "SimpleWorkflowService.RecordActivityTaskHeartbeat"

    /// As PollForActivityTask gave it, 1 to 1024 characters. It is a secret: whoever has it can complete the task.
    public var taskToken: String
    /// How far the task has come, up to 2048 characters; nil: nothing is said of it, which is not the same as "".
    public var details: String?

    public init(taskToken: String, details: String? = nil) {
        self.taskToken = taskToken
        self.details = details
    }

    public var body: [UInt8] { taskRequest(taskToken, details: details) }

    public struct Output: Sendable, Equatable {
        /// Whether the task should stop; it may go on for a while, and tidy up.
        public let cancelRequested: Bool
    }

    /// The content type is not looked at: emulators send what they like.
    public static func output(of body: [UInt8]) -> Output? {
        if body == usualAnswers.goOn { return Output(cancelRequested: false) }
        if body == usualAnswers.cancel { return Output(cancelRequested: true) }
        guard let members = try? JSON.members(of: body),
            case .bool(let cancelRequested)? = members.first(where: { $0.name == "cancelRequested" })?.value
        else { return nil }
        return Output(cancelRequested: cancelRequested)
    }

    /// As SWF writes them.
    private static let usualAnswers = (
        goOn: Array(#"{"cancelRequested":false}"#.utf8), cancel: Array(#"{"cancelRequested":true}"#.utf8)
    )
}

extension RecordActivityTaskHeartbeat: CustomReflectable, CustomStringConvertible {
    public var description: String { "<RecordActivityTaskHeartbeat>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
