package import SigV4

/// Credentials and where they are from.
package struct SourcedCredentials: Sendable, Equatable {
    package let credentials: Credentials
    /// Seconds since 1970; nil where they hold for ever.
    package let expiration: Int64?
    /// As botocore names its providers: `env`, `assume-role` and so on.
    package let source: String

    package init(credentials: Credentials, expiration: Int64?, source: String) {
        self.credentials = credentials
        self.expiration = expiration
        self.source = source
    }
}

/// One place where credentials may be. For use on its loop only.
package protocol CredentialSource: AnyObject {
    /// Asks the place, anew each time.
    /// - Returns: nil where nothing is set up there, so that the next source is to be asked.
    /// - Throws: where something is set up and does not work: no other source is to be asked then.
    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials?

    /// Why the last `load` found nothing, where that is of interest.
    var complaint: String? { get }
}

extension CredentialSource {
    package var complaint: String? { nil }
}
