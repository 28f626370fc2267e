package import EventLoop
internal import AWSConfiguration
internal import SigV4

/// The sources in botocore's order. The first that has credentials is the only one asked from then on.
package final class CredentialsChain: CredentialSource {
    private let sources: [any CredentialSource]
    private let missingProfile: String?
    private var winner: (any CredentialSource)?

    package init(_ settings: CredentialsSettings, on loop: EventLoop) {
        let context = SourceContext(settings, on: loop)
        let environment = EnvironmentSource(settings)
        let container = ContainerSource(context)
        let instance = InstanceMetadataSource(context)
        let name = settings.profileName
        let isProfileGiven = settings.explicitProfile != nil
        let role = AssumeRoleSource(
            context, profile: name,
            namedSources: [
                EnvironmentSource.canonicalName: environment, ContainerSource.canonicalName: container,
                InstanceMetadataSource.canonicalName: instance,
            ],
            profileSources: { Self.profileSources(context, $0, usesEnvironment: false) })
        let own: [any CredentialSource] = isProfileGiven ? [role] : [environment, role]
        sources =
            own + Self.profileSources(context, name, usesEnvironment: !isProfileGiven) + [container, instance]
        missingProfile = settings.chosenProfile.flatMap { settings.shared.profile($0) == nil ? $0 : nil }
    }

    /// - Parameter usesEnvironment: whether web identity may be set up in the environment too.
    private static func profileSources(
        _ context: SourceContext, _ profile: String, usesEnvironment: Bool
    ) -> [any CredentialSource] {
        let shared = context.settings.shared
        return [
            WebIdentitySource(context, profile: profile, usesEnvironment: usesEnvironment),
            SSOSource(context, profile: profile),
            SharedFileSource(credentialsFileOf: shared, profile: profile),
            LoginSource(shared, profile: profile),
            ProcessSource(context.settings, profile: profile),
            SharedFileSource(configFileOf: shared, profile: profile),
        ]
    }

    package func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard let loaded = try await loadAny(deadline: deadline) else { return nil }
        let credentials = loaded.credentials
        for text in [credentials.accessKeyID, credentials.sessionToken ?? ""] {
            guard text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
                throw CredentialsFault(
                    .configuration, source: loaded.source,
                    "the access key id or the session token has a character that none can have")
            }
        }
        return loaded
    }

    private func loadAny(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        if let missingProfile {
            throw CredentialsFault(.configuration, "there is no profile \(missingProfile) in AWS's shared files")
        }
        if let winner {
            if let loaded = try await winner.load(deadline: deadline) { return loaded }
            throw CredentialsFault(.unavailable, "the source that had credentials has none now\(complaints)")
        }
        for source in sources {
            if let loaded = try await source.load(deadline: deadline) {
                winner = source
                return loaded
            }
        }
        return nil
    }

    package var complaint: String? { sources.lazy.compactMap(\.complaint).first }

    private var complaints: String { complaint.map { " (\($0))" } ?? "" }
}
