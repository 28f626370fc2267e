public import SigningClient

/// Tells SWF that an activity task was canceled, as a heartbeat's answer asked for.
/// https://docs.aws.amazon.com/amazonswf/latest/apireference/API_RespondActivityTaskCanceled.html
public struct RespondActivityTaskCanceled: ServiceOperation {
    public static let target = "SimpleWorkflowService.RespondActivityTaskCanceled"

    /// As PollForActivityTask gave it, 1 to 1024 characters. It is a secret.
    public var taskToken: String
    /// What is worth knowing of the cancellation, up to 32,768 characters.
    public var details: String?

    public init(taskToken: String, details: String? = nil) {
        self.taskToken = taskToken
        self.details = details
    }

    public var body: [UInt8] { taskRequest(taskToken, details: details) }

    /// The answer says nothing, and SWF sends no body with it.
    public static func output(of body: [UInt8]) -> Void? { () }
}

extension RespondActivityTaskCanceled: CustomReflectable, CustomStringConvertible {
    public var description: String { "<RespondActivityTaskCanceled>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
