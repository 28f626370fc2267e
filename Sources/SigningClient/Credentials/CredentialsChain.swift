package import EventLoop

/// The sources in botocore's order. The first that has credentials is the only one asked from then on.
package final class CredentialsChain: CredentialSource {
    private let sources: [any CredentialSource]
    private var winner: (any CredentialSource)?

    package init(_ settings: CredentialsSettings, on loop: EventLoop) {
        sources = [EnvironmentSource(settings)]
    }

    init(_ sources: [any CredentialSource]) {
        self.sources = sources
    }

    package func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        if let winner {
            if let loaded = try await winner.load(deadline: deadline) { return loaded }
            throw CredentialsFault(.unavailable, "the source that had credentials has none now")
        }
        for source in sources {
            if let loaded = try await source.load(deadline: deadline) {
                winner = source
                return loaded
            }
        }
        return nil
    }
}
