package import SigV4

/// Where AWS credentials come from. One for the process, asked at every call.
package protocol CredentialsProvider: Sendable {
    /// - Returns: credentials to sign with now.
    /// - Throws: why there are none, by the deadline.
    func credentials(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> Credentials

    /// For when a service does not take them: they may have been replaced.
    /// - Returns: others, or the same where there are none.
    func refreshed(
        after refused: Credentials, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials
}

/// Why there are no credentials, for the operator, without secrets.
package struct CredentialsFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// Credentials that are what they are.
package struct StaticCredentials: CredentialsProvider {
    private let value: Credentials?

    package init(_ credentials: Credentials?) {
        value = credentials
    }

    package func credentials(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> Credentials {
        guard let value else { throw CredentialsFault("there are none") }
        return value
    }

    package func refreshed(
        after refused: Credentials, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        refused
    }
}
