internal import AWSConfiguration
internal import SigV4

/// IAM Identity Center: a person has logged in with `aws sso login`, the token lies in `~/.aws/sso/cache`.
final class SSOSource: CredentialSource {
    static let name = "sso"

    private static let attemptTimeout = Duration.seconds(10)

    private struct Setting {
        var role: String
        var account: String
        var startURL: String
        var region: String
        /// nil: the older way, whose token cannot be refreshed.
        var session: String?
    }

    private let context: SourceContext
    private let profileName: String
    private let tokens: SSOTokens

    init(_ context: SourceContext, profile: String) {
        self.context = context
        profileName = profile
        tokens = SSOTokens(context)
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard let setting = try setting() else { return nil }
        let token = try await tokens.accessToken(
            startURL: setting.startURL, region: setting.region, session: setting.session, deadline: deadline)
        let endpoint = try context.settings.endpoint(of: .sso, ssoRegion: setting.region, for: Self.name).endpoint
        let query = "role_name=\(percentEncoded(setting.role))&account_id=\(percentEncoded(setting.account))"
        let request = WireRequest(
            method: .get, url: "\(endpoint.url)federation/credentials?\(query)",
            headers: [(name: "Host", value: endpoint.host), (name: "x-amz-sso_bearer_token", value: token)])
        let persistence = SourceContext.Persistence(
            attempts: context.settings.serviceAttempts, timeout: Self.attemptTimeout
        ) { attempt in
            .seconds(Double.random(in: 0...1) * Double(1 << (attempt - 1)))
        }
        let result = await context.send(request, persistence, deadline: deadline) {
            $0.status < 500 && $0.status != 429
        }
        switch result {
        case .success(let answer): return try read(answer)
        case .failure(let failure):
            throw fault(.unavailable, "the SSO portal at \(endpoint.host) cannot be asked: \(failure.reason)")
        }
    }

    private func read(_ answer: Answer) throws(CredentialsFault) -> SourcedCredentials {
        switch answer.status {
        case 200: break
        case 401: throw fault(.refused, "the SSO session has ended: run aws sso login --profile \(profileName)")
        case 500...: throw fault(.unavailable, "GetRoleCredentials failed with \(answer.status)")
        default: throw fault(.refused, "GetRoleCredentials failed with \(answer.status)")
        }
        guard let role = JSONObject(answer.body)?.object("roleCredentials"), let keyID = role.string("accessKeyId"),
            let secret = role.string("secretAccessKey"), let token = role.string("sessionToken"),
            let milliseconds = role.integer("expiration")
        else { throw fault(.unavailable, "the answer to GetRoleCredentials has no credentials") }
        return SourcedCredentials(
            credentials: Credentials(accessKeyID: keyID, secretAccessKey: secret, sessionToken: token),
            expiration: milliseconds / 1000, source: Self.name)
    }

    // MARK: The profile

    /// nil where the profile has nothing of SSO.
    private func setting() throws(CredentialsFault) -> Setting? {
        let profile = context.settings.shared.profile(profileName)?.values ?? [:]
        guard profile["sso_role_name"] != nil || profile["sso_account_id"] != nil else { return nil }
        let values = try withSession(profile)
        let required = ["sso_role_name", "sso_account_id", "sso_start_url", "sso_region"]
        let missing = required.filter { values[$0] == nil }
        guard let role = values["sso_role_name"], let account = values["sso_account_id"],
            let startURL = values["sso_start_url"], let region = values["sso_region"]
        else {
            throw fault(.configuration, "profile \(profileName) lacks \(missing.joined(separator: ", "))")
        }
        return Setting(
            role: role, account: account, startURL: startURL, region: region, session: values["sso_session"])
    }

    private func withSession(_ profile: [String: String]) throws(CredentialsFault) -> [String: String] {
        guard let name = profile["sso_session"] else { return profile }
        guard let session = context.settings.shared.ssoSessions[name] else {
            throw fault(.configuration, "there is no [sso-session \(name)], which profile \(profileName) names")
        }
        var values = profile
        for (setting, value) in session.values {
            if let own = profile[setting], own != value {
                throw fault(
                    .configuration,
                    "\(setting) is one thing in profile \(profileName) and another in sso-session \(name)")
            }
            values[setting] = value
        }
        return values
    }

    private func fault(_ kind: CredentialsFault.Kind, _ reason: String) -> CredentialsFault {
        CredentialsFault(kind, source: Self.name, reason)
    }
}
