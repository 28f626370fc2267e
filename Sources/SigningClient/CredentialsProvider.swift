public import SigV4

/// Where AWS credentials come from. One for the process, asked at every call.
public protocol CredentialsProvider: Sendable {
    /// - Returns: credentials to sign with now.
    func credentials(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> Credentials

    /// Others than those that a service has refused.
    func refreshed(
        after refused: Credentials, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials
}

/// A provider that has them at hand as a rule: then a call need not wait to be told so.
package protocol ReadyCredentials: CredentialsProvider {
    /// To sign with now; nil: they are to be asked for.
    var atHand: Credentials? { get }
}

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as the process was started with.
public struct StaticCredentials: ReadyCredentials {
    private let value: Credentials?

    public init(_ credentials: Credentials?) {
        value = credentials
    }

    package var atHand: Credentials? { value }

    public func credentials(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> Credentials {
        guard let value else { throw CredentialsFault(.none, "there are none") }
        return value
    }

    public func refreshed(
        after refused: Credentials, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        throw CredentialsFault(.refused, "the service refuses these credentials, and there are no others")
    }
}
