/// Looks settings up in the environment, then in the profile, and collects what is wrong with them.
struct SettingsReader {
    /// A value and where it is from, in words that an operator finds it by.
    struct Setting {
        let source: String
        let value: String
    }

    private let environment: [String: String]
    private let shared: SharedConfiguration
    private let profile: SharedConfiguration.Section
    let profileName: String
    var faults: [String] = []

    /// - Parameter profile: the command line's.
    init(environment: [String: String], profile explicit: String?, shared: SharedConfiguration) {
        // In botocore's order; the other SDKs know only the second one.
        let variables = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"].map { Setting(source: $0, value: environment[$0] ?? "") }
        let option = explicit.map { Setting(source: "--profile", value: $0) }
        let named = option ?? variables.first { !$0.value.isEmpty }
        profileName = named?.value ?? "default"
        let section = shared.profile(profileName)
        profile = section ?? .init()
        self.environment = environment
        self.shared = shared
        if let named, section == nil {
            faults.append(
                "\(named.source): there is no profile \"\(named.value)\" in the AWS config or credentials file")
        }
    }

    mutating func text(_ variable: String, _ name: String) -> Setting? {
        self.variable(variable) ?? setting(name)
    }

    func variable(_ name: String) -> Setting? {
        guard let value = environment[name], !value.isEmpty else { return nil }
        return Setting(source: name, value: value)
    }

    private mutating func setting(_ name: String) -> Setting? {
        let source = "\(name) of the profile \(profileName)"
        if profile.nested[name] != nil {
            faults.append("\(source) has indented lines where one value is expected")
        }
        guard let value = profile[name], !value.isEmpty else { return nil }
        return Setting(source: source, value: value)
    }

    /// The SDKs read AWS_REGION, botocore and the AWS CLI AWS_DEFAULT_REGION.
    mutating func region() -> Setting? {
        variable("AWS_REGION") ?? text("AWS_DEFAULT_REGION", "region")
    }

    mutating func flag(_ variable: String, _ name: String) -> Bool {
        guard let setting = text(variable, name) else { return false }
        let value = setting.value.lowercased()
        require(value == "true" || value == "false", setting, "true or false")
        return value == "true"
    }

    mutating func usesLegacySTS() -> Bool {
        guard let setting = text("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints") else { return false }
        require(["legacy", "regional"].contains(setting.value), setting, "regional or legacy")
        return setting.value == "legacy"
    }

    /// The operator's own endpoint, if there is one.
    mutating func endpointURL(_ service: AWSService, explicit: String?) -> Setting? {
        if let explicit { return Setting(source: "--endpoint-url", value: explicit) }
        if flag("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls") { return nil }
        return variable(service.endpointVariable) ?? variable("AWS_ENDPOINT_URL") ?? serviceEndpoint(service)
            ?? setting("endpoint_url")
    }

    /// From the services section that the profile names.
    private mutating func serviceEndpoint(_ service: AWSService) -> Setting? {
        guard let name = setting("services") else { return nil }
        guard let section = shared.services[name.value], !(section.values.isEmpty && section.nested.isEmpty) else {
            faults.append("\(name.source): there is no [services \(name.value)] in the AWS config file, or it is empty")
            return nil
        }
        let source = "\(service.rawValue) in [services \(name.value)]"
        if section[service.rawValue] != nil {
            faults.append("\(source) is to have indented lines under it, such as \"endpoint_url = https://HOST\"")
        }
        guard let url = section.nested[service.rawValue]?["endpoint_url"], !url.isEmpty else { return nil }
        return Setting(source: "endpoint_url of \(source)", value: url)
    }

    /// - Parameter showsValue: false where it may hold a secret.
    mutating func require(_ isGood: Bool, _ setting: Setting, _ expected: String, showsValue: Bool = true) {
        if isGood { return }
        let value = showsValue ? "\"\(setting.value)\"" : "its value"
        faults.append("\(setting.source): \(value) is not \(expected)")
    }

    /// AWS's variants of an endpoint are other hosts, which an endpoint of one's own has no place for.
    mutating func refuseVariants(of url: Setting, fips: Bool, dualstack: Bool) {
        let variants = [(fips, "FIPS"), (dualstack, "dualstack")].filter(\.0).map(\.1)
        if variants.isEmpty { return }
        faults.append(
            """
            \(url.source): \(variants.joined(separator: " and ")) cannot go together with an endpoint of one's own; \
            take one of them away
            """)
    }
}
