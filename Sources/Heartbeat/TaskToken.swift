/// A task token: a bearer secret of SWF's, never shown.
package struct TaskToken: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The token itself; for SWF and for hashing, nothing else.
    package let secret: String

    package init(secret: String) {
        self.secret = secret
    }

    package var description: String { "<task token>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
