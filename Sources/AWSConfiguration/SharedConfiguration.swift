/// The AWS SDKs' two shared files, `config` and `credentials`, read.
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
package struct SharedConfiguration: Sendable, Equatable {
    /// A section's settings.
    package struct Section: Sendable, Equatable {
        /// By their names in small letters.
        package var values: [String: String]
        /// The indented settings under a name without a value of its own, `swf =` in a services section for example.
        package var nested: [String: [String: String]]

        package init(values: [String: String] = [:], nested: [String: [String: String]] = [:]) {
            self.values = values
            self.nested = nested
        }

        package subscript(name: String) -> String? { values[name] }
    }

    /// Profiles of the `config` file: `[default]`, `[profile NAME]`.
    package var configProfiles: [String: Section] = [:]
    /// Profiles of the `credentials` file: `[NAME]`.
    package var credentialsProfiles: [String: Section] = [:]
    /// `[sso-session NAME]` of the `config` file.
    package var ssoSessions: [String: Section] = [:]
    /// `[services NAME]` of the `config` file.
    package var services: [String: Section] = [:]

    /// No file at all.
    package init() {}

    /// A profile as both files have it together; where both have a setting, `credentials` wins.
    package func profile(_ name: String) -> Section? {
        guard var merged = configProfiles[name] else { return credentialsProfiles[name] }
        guard let second = credentialsProfiles[name] else { return merged }
        for name in second.values.keys { merged.nested[name] = nil }
        for name in second.nested.keys { merged.values[name] = nil }
        merged.values.merge(second.values) { $1 }
        merged.nested.merge(second.nested) { $1 }
        return merged
    }
}
