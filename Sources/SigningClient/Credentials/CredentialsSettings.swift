package import AWSConfiguration

/// What the sources of credentials are set up with.
package struct CredentialsSettings: Sendable {
    package var environment: [String: String]
    package var shared: SharedConfiguration
    /// The profile that an option names. It puts the environment's own keys and web identity out of use.
    package var explicitProfile: String?
    /// Whose STS is asked.
    package var region: String?
    package var trust: Trust

    /// - Parameter region: nil for the environment's, else the profile's.
    package init(
        environment: [String: String], shared: SharedConfiguration, explicitProfile: String? = nil,
        region: String? = nil, trust: Trust = .system
    ) {
        self.environment = environment
        self.shared = shared
        self.explicitProfile = explicitProfile
        self.trust = trust
        self.region = region
        self.region = region ?? self["AWS_REGION"] ?? self["AWS_DEFAULT_REGION"] ?? profile["region"]
    }

    /// A variable's value; an empty one counts as not set.
    subscript(variable: String) -> String? {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The profile that somebody asked for.
    var chosenProfile: String? {
        explicitProfile ?? self["AWS_DEFAULT_PROFILE"] ?? self["AWS_PROFILE"]
    }

    var profileName: String { chosenProfile ?? "default" }

    var profile: SharedConfiguration.Section { shared.profile(profileName) ?? SharedConfiguration.Section() }

    /// A setting that the environment has under one name and the profile under another.
    func value(of variable: String, orProfile setting: String) -> String? {
        self[variable] ?? profile[setting]
    }

    /// Of a call to STS or to the SSO portal, where nobody says otherwise: as botocore's legacy mode has it.
    private static let serviceAttemptsDefault = 5

    /// How often such a call is sent at most, its deadline permitting.
    var serviceAttempts: Int {
        let given = value(of: "AWS_MAX_ATTEMPTS", orProfile: "max_attempts").flatMap { Int($0) }
        return max(1, given ?? Self.serviceAttemptsDefault)
    }

    /// A path with the home directory for a leading `~`.
    func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = self["HOME"] else { return path }
        return home + path.dropFirst()
    }
}
