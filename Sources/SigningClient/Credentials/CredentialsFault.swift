/// Why there are no credentials, for whoever runs the service. It never holds a secret.
public struct CredentialsFault: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Kind: Sendable, Equatable {
        /// Nothing is set up anywhere.
        case none
        /// What is set up cannot work until somebody changes it.
        case configuration
        /// A service said no.
        case refused
        /// A service did not answer, or not as it should: later it may.
        case unavailable
        /// The caller's deadline passed.
        case overdue
    }

    public let kind: Kind
    /// The source that has the fault.
    public let source: String?
    public let reason: String

    public init(_ kind: Kind, source: String? = nil, _ reason: String) {
        self.kind = kind
        self.source = source
        self.reason = reason
    }

    public var description: String {
        source.map { "\($0): \(reason)" } ?? reason
    }
}

extension CallFailure {
    /// For a fault's text.
    var reason: String {
        switch self {
        case .timeout: "no answer in time"
        case .unreachable(let text): text
        case .untrusted(let text): text
        case .answerTooLarge: "the answer is too large"
        case .malformed: "the answer is none to this request"
        case .fault(let fault): "\(fault)"
        case .credentialsUnavailable(let text): text
        }
    }
}
