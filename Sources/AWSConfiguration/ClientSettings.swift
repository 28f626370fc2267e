/// How a service is to be called, as the command line, the environment and the shared files have it together.
/// https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
package struct ClientSettings: Sendable, Equatable {
    /// What the command line says; it wins over all else.
    package struct Explicit: Sendable, Equatable {
        package var profile: String?
        package var region: String?
        package var endpointURL: String?
        package var caBundle: String?

        package init(
            profile: String? = nil, region: String? = nil, endpointURL: String? = nil, caBundle: String? = nil
        ) {
            self.profile = profile
            self.region = region
            self.endpointURL = endpointURL
            self.caBundle = caBundle
        }
    }

    package enum RetryMode: String, Sendable {
        case standard
        case adaptive
    }

    package var profile = "default"
    /// Without the old marks for FIPS. nil: a fault says why.
    package var region: String?
    /// nil: a fault says why.
    package var endpoint: Endpoint?
    /// For SigV4. nil: a fault says why.
    package var signingRegion: String?
    package var isFIPS = false
    package var isDualstack = false
    /// Whether `endpoint` is the operator's own and not AWS's.
    package var isCustomEndpoint = false
    package var retryMode = RetryMode.standard
    /// The first one counts too; at least 1.
    package var maxAttempts = ClientSettings.maxAttemptsDefault
    /// A PEM file's path; nil: the system's own.
    package var caBundle: String?

    package static let maxAttemptsDefault = 3

    /// Nothing resolved, and the defaults.
    package init() {}

    /// Resolves everything that can be resolved, with a text for each thing that is wrong: it names the option, the
    /// variable or the profile's setting, and what to write instead. An empty variable or setting counts as none.
    package static func resolve(
        service: AWSService, environment: [String: String], explicit: Explicit = Explicit(),
        shared: SharedConfiguration
    ) -> (settings: ClientSettings, faults: [String]) {
        var reader = SettingsReader(environment: environment, profile: explicit.profile, shared: shared)
        var settings = ClientSettings()
        settings.profile = reader.profileName
        let caBundle = reader.text("AWS_CA_BUNDLE", "ca_bundle") ?? reader.variable("REQUESTS_CA_BUNDLE")
        settings.caBundle = explicit.caBundle ?? caBundle?.value
        settings.resolveRetries(&reader)
        settings.resolveEndpoint(service, explicit, &reader)
        return (settings, reader.faults)
    }

    private mutating func resolveRetries(_ reader: inout SettingsReader) {
        let modes = ["standard": RetryMode.standard, "adaptive": .adaptive, "legacy": .standard]
        if let mode = reader.text("AWS_RETRY_MODE", "retry_mode") {
            retryMode = modes[mode.value] ?? retryMode
            reader.require(modes[mode.value] != nil, mode, "standard or adaptive")
        }
        if let attempts = reader.text("AWS_MAX_ATTEMPTS", "max_attempts") {
            let number = Int(attempts.value).flatMap { $0 >= 1 ? $0 : nil }
            maxAttempts = number ?? maxAttempts
            reader.require(number != nil, attempts, "a whole number of at least 1")
        }
    }

    private mutating func resolveEndpoint(
        _ service: AWSService, _ explicit: Explicit, _ reader: inout SettingsReader
    ) {
        let found = explicit.region.map { SettingsReader.Setting(source: "--region", value: $0) } ?? reader.region()
        let fips = reader.flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint")
        let dualstack = reader.flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")
        let legacySTS = reader.usesLegacySTS()
        let url = reader.endpointURL(service, explicit: explicit.endpointURL)
        isCustomEndpoint = url != nil
        isDualstack = dualstack
        isFIPS = fips || found.map { RegionName($0.value).isFIPS } ?? false
        if let url {
            endpoint = Endpoint(url: url.value)
            reader.require(endpoint != nil, url, Endpoint.form, showsValue: false)
            reader.refuseVariants(of: url, fips: isFIPS, dualstack: isDualstack)
        }
        guard let found else {
            reader.faults.append(
                "no region is set: set AWS_REGION, or region in the profile \(profile), to one such as us-east-1")
            return
        }
        switch EndpointRules.resolve(
            service: service, region: found.value, fips: fips, dualstack: dualstack, legacySTS: legacySTS)
        {
        case .failure(let fault):
            reader.faults.append("\(found.source): \(fault)")
        case .success(let resolved):
            let name = RegionName(found.value).name
            region = name
            signingRegion = url == nil ? resolved.signingRegion : name
            if url == nil { endpoint = resolved.endpoint }
        }
    }
}
