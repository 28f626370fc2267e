/// AWS credentials to sign with, never shown.
public struct Credentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    public let accessKeyID: String
    public let secretAccessKey: String
    /// Only temporary credentials have one.
    public let sessionToken: String?

    /// - Parameter sessionToken: an empty one is none.
    public init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken?.isEmpty == false ? sessionToken : nil
    }

    public var description: String { "<AWS credentials>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
