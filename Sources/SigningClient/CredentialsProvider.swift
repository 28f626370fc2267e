package import SigV4

/// Where AWS credentials come from. One for the process, asked at every call.
package protocol CredentialsProvider: Sendable {
    /// - Returns: credentials to sign with now; nil where there are none.
    func credentials() async -> Credentials?
}

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as the process was started with.
package struct StaticCredentials: CredentialsProvider {
    private let value: Credentials?

    package init(_ credentials: Credentials?) {
        value = credentials
    }

    package func credentials() async -> Credentials? { value }
}
