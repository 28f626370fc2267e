internal import AWSConfiguration

extension CredentialsSettings {
    /// Where a service that gives credentials is, and the region that its requests are signed for.
    /// - Parameter ssoRegion: the profile's `sso_region`; nil for STS, which is asked in the region of the client.
    func endpoint(
        of service: AWSService, ssoRegion: String? = nil, for source: String
    ) throws(CredentialsFault) -> (endpoint: Endpoint, signingRegion: String) {
        let explicit = ClientSettings.Explicit(profile: explicitProfile, region: ssoRegion ?? region)
        let (settings, faults) = ClientSettings.resolve(
            service: service, environment: environment, explicit: explicit, shared: shared)
        guard faults.isEmpty, let endpoint = settings.endpoint, let region = settings.signingRegion else {
            let option = "--region"
            let sentences = faults.map { fault in
                ssoRegion != nil && fault.hasPrefix(option) ? "sso_region\(fault.dropFirst(option.count))" : fault
            }
            throw CredentialsFault(.configuration, source: source, sentences.joined(separator: "; "))
        }
        return (endpoint, region)
    }
}
