internal import SigV4

/// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_CREDENTIAL_EXPIRATION`.
final class EnvironmentSource: CredentialSource {
    static let name = "env"
    static let canonicalName = "Environment"

    private let settings: CredentialsSettings

    init(_ settings: CredentialsSettings) {
        self.settings = settings
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard let keyID = settings["AWS_ACCESS_KEY_ID"] else { return nil }
        guard let secret = settings["AWS_SECRET_ACCESS_KEY"] else {
            throw fault("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
        }
        let token = settings["AWS_SECURITY_TOKEN"] ?? settings["AWS_SESSION_TOKEN"]
        var expiration: Int64?
        if let text = settings["AWS_CREDENTIAL_EXPIRATION"] {
            expiration = ISO8601.epochSeconds(text)
            if expiration == nil { throw fault("AWS_CREDENTIAL_EXPIRATION is no ISO 8601 time") }
        }
        return SourcedCredentials(
            credentials: Credentials(accessKeyID: keyID, secretAccessKey: secret, sessionToken: token),
            expiration: expiration, source: Self.name)
    }

    private func fault(_ reason: String) -> CredentialsFault {
        CredentialsFault(.configuration, source: Self.name, reason)
    }
}
