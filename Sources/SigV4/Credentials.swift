/// AWS credentials to sign with, never shown.
package struct Credentials: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    package let accessKeyID: String
    package let secretAccessKey: String
    /// Only temporary credentials have one.
    package let sessionToken: String?

    package init(accessKeyID: String, secretAccessKey: String, sessionToken: String? = nil) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    package var description: String { "<AWS credentials>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
