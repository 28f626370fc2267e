internal import AWSConfiguration
internal import SigV4

/// A profile with a `role_arn`: AssumeRole, with the credentials of `source_profile`, which may itself have a role,
/// or of `credential_source`.
final class AssumeRoleSource: CredentialSource {
    static let name = "assume-role"

    private let context: SourceContext
    private let profileName: String
    /// By the names that `credential_source` knows.
    private let namedSources: [String: any CredentialSource]
    private let profileSources: (_ profile: String) -> [any CredentialSource]

    init(
        _ context: SourceContext, profile: String, namedSources: [String: any CredentialSource],
        profileSources: @escaping (_ profile: String) -> [any CredentialSource]
    ) {
        self.context = context
        profileName = profile
        self.namedSources = namedSources
        self.profileSources = profileSources
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard let profile = context.settings.shared.profile(profileName), hasRole(profile) else { return nil }
        return try await assumeRole(of: profileName, visited: [profileName], deadline: deadline)
    }

    /// A role with a token file is web identity's.
    private func hasRole(_ profile: SharedConfiguration.Section) -> Bool {
        profile["role_arn"] != nil && profile["web_identity_token_file"] == nil
    }

    private func hasKeys(_ profile: SharedConfiguration.Section) -> Bool {
        profile["aws_access_key_id"] != nil || profile["aws_secret_access_key"] != nil
    }

    private func assumeRole(
        of name: String, visited: [String], deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> SourcedCredentials {
        let profile = context.settings.shared.profile(name) ?? SharedConfiguration.Section()
        let signer = try await signer(for: name, profile, visited: visited, deadline: deadline)
        if profile["mfa_serial"] != nil {
            throw fault("profile \(name) has mfa_serial, and a service has nobody to ask for a code: take it out")
        }
        var parameters = [
            (name: "RoleArn", value: profile["role_arn"] ?? ""),
            (name: "RoleSessionName", value: profile["role_session_name"] ?? defaultSessionName(at: context.now)),
        ]
        if let id = profile["external_id"] { parameters.append((name: "ExternalId", value: id)) }
        // Anything but a number is passed over, as botocore does.
        if let seconds = profile["duration_seconds"].flatMap({ Int($0) }) {
            parameters.append((name: "DurationSeconds", value: String(seconds)))
        }
        return try await SecurityTokenService(context: context, source: Self.name).credentials(
            "AssumeRole", parameters, signedWith: signer, deadline: deadline)
    }

    private func signer(
        for name: String, _ profile: SharedConfiguration.Section, visited: [String], deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        switch (profile["source_profile"], profile["credential_source"]) {
        case (_?, _?): throw fault("profile \(name) has both source_profile and credential_source: take one out")
        case (nil, nil): throw fault("profile \(name) has a role_arn and neither source_profile nor credential_source")
        case (nil, let source?): return try await credentials(of: source, for: name, deadline: deadline)
        case (let source?, nil):
            return try await credentials(ofProfile: source, for: name, visited: visited, deadline: deadline)
        }
    }

    private func credentials(
        of source: String, for name: String, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        guard let named = namedSources[source] else {
            let known = namedSources.keys.sorted().joined(separator: ", ")
            throw fault("credential_source of profile \(name) is none of \(known)")
        }
        if let loaded = try await named.load(deadline: deadline) { return loaded.credentials }
        throw CredentialsFault(
            .unavailable, source: Self.name, "the credential_source \(source) of profile \(name) has no credentials")
    }

    private func credentials(
        ofProfile source: String, for name: String, visited: [String], deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Credentials {
        guard let profile = context.settings.shared.profile(source) else {
            throw fault("source_profile \(source) of profile \(name) does not exist")
        }
        // A profile may name itself for the keys in it.
        if visited.contains(source), source != name || !hasKeys(profile) {
            throw fault("profiles go round in a circle: \((visited + [source]).joined(separator: ", "))")
        }
        if hasRole(profile), !hasKeys(profile) {
            return try await assumeRole(of: source, visited: visited + [source], deadline: deadline).credentials
        }
        for candidate in profileSources(source) {
            if let loaded = try await candidate.load(deadline: deadline) { return loaded.credentials }
        }
        throw fault("source_profile \(source) of profile \(name) has no credentials")
    }

    private func fault(_ reason: String) -> CredentialsFault {
        CredentialsFault(.configuration, source: Self.name, reason)
    }
}
