internal import AWSConfiguration
internal import SigV4

/// Keys in a profile of the credentials file or of the config file.
final class SharedFileSource: CredentialSource {
    static let credentialsFile = "shared-credentials-file"
    static let configFile = "config-file"

    private let name: String
    private let profileName: String
    private let profile: SharedConfiguration.Section?

    init(credentialsFileOf shared: SharedConfiguration, profile: String) {
        name = Self.credentialsFile
        profileName = profile
        self.profile = shared.credentialsProfiles[profile]
    }

    init(configFileOf shared: SharedConfiguration, profile: String) {
        name = Self.configFile
        profileName = profile
        self.profile = shared.configProfiles[profile]
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard let profile, let keyID = profile["aws_access_key_id"] else { return nil }
        guard let secret = profile["aws_secret_access_key"], !secret.isEmpty, !keyID.isEmpty else {
            throw CredentialsFault(
                .configuration, source: name,
                "profile \(profileName) needs both aws_access_key_id and aws_secret_access_key")
        }
        let token = profile["aws_security_token"] ?? profile["aws_session_token"]
        return SourcedCredentials(
            credentials: Credentials(accessKeyID: keyID, secretAccessKey: secret, sessionToken: token),
            expiration: nil, source: name)
    }
}

/// `aws login` leaves keys bound to a browser's session. They are not for a service.
final class LoginSource: CredentialSource {
    static let name = "login"

    private let isConfigured: Bool

    init(_ shared: SharedConfiguration, profile: String) {
        isConfigured = shared.profile(profile)?["login_session"] != nil
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard isConfigured else { return nil }
        throw CredentialsFault(
            .configuration, source: Self.name,
            "login_session needs a person with a browser: give the profile a role, SSO or keys instead")
    }
}
