internal import AWSConfiguration

/// A role in exchange for an OpenID Connect token in a file, as Kubernetes mounts it: AssumeRoleWithWebIdentity.
final class WebIdentitySource: CredentialSource {
    static let name = "assume-role-with-web-identity"

    private let context: SourceContext
    private let profileName: String
    private let usesEnvironment: Bool

    init(_ context: SourceContext, profile: String, usesEnvironment: Bool) {
        self.context = context
        profileName = profile
        self.usesEnvironment = usesEnvironment
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard let path = value("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file"), !path.isEmpty else {
            return nil
        }
        guard let role = value("AWS_ROLE_ARN", "role_arn"), !role.isEmpty else {
            throw CredentialsFault(
                .configuration, source: Self.name, "there is a token file and no role: set AWS_ROLE_ARN or role_arn")
        }
        let token = try await context.file(at: path, "the web identity token file", for: Self.name)
        let session = value("AWS_ROLE_SESSION_NAME", "role_session_name") ?? defaultSessionName(at: context.now)
        return try await SecurityTokenService(context: context, source: Self.name).credentials(
            "AssumeRoleWithWebIdentity",
            [
                (name: "RoleArn", value: role), (name: "RoleSessionName", value: session),
                (name: "WebIdentityToken", value: token),
            ],
            signedWith: nil, deadline: deadline)
    }

    private func value(_ variable: String, _ setting: String) -> String? {
        (usesEnvironment ? context.settings.environment[variable] : nil)
            ?? context.settings.shared.profile(profileName)?[setting]
    }
}

/// What CloudTrail shows where no `role_session_name` is set.
func defaultSessionName(at now: Int64) -> String {
    "heartbeat-facade-\(now)"
}
