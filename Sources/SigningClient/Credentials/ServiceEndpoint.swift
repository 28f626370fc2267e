internal import AWSConfiguration

extension CredentialsSettings {
    /// Where a service is: at a place of one's own, else at AWS's in the region.
    /// - Parameters:
    ///   - service: as the environment and the shared files name it, in small letters: `sso_oidc`.
    ///   - host: what its hosts' names begin with: `oidc`.
    func endpoint(
        _ service: String, _ host: String, region: String, for source: String
    ) throws(CredentialsFault) -> Endpoint {
        guard let url = configuredURL(of: service) else {
            let endpoint = Endpoint(service: host, region: region)
            if Endpoint(url: endpoint.url) == endpoint { return endpoint }
            throw CredentialsFault(.configuration, source: source, "\(region.debugDescription) is no region")
        }
        if let endpoint = Endpoint(url: url) { return endpoint }
        throw CredentialsFault(
            .configuration, source: source,
            "the endpoint URL configured for \(service) is not http or https with a host and perhaps a port")
    }

    private func configuredURL(of service: String) -> String? {
        let isIgnored = value(of: "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", orProfile: "ignore_configured_endpoint_urls")
        if isIgnored?.lowercased() == "true" { return nil }
        let services = profile["services"].flatMap { shared.services[$0] }
        return self["AWS_ENDPOINT_URL_\(service.uppercased())"] ?? self["AWS_ENDPOINT_URL"]
            ?? services?.nested[service]?["endpoint_url"] ?? profile["endpoint_url"]
    }
}
