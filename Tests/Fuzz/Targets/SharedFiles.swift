import AWSConfiguration

/// A shared file says the same in either role, keeps its meaning once written out again, and settings that resolve
/// without a fault name an endpoint that can go into a header.
@Sendable func checkSharedFiles(_ input: [UInt8]) throws(Violation) {
    let text = String(decoding: input, as: UTF8.self)
    let asConfig = read(config: text, credentials: nil)
    let asCredentials = read(config: nil, credentials: text)
    switch (asConfig, asCredentials) {
    case (.failure(let config), .failure(let credentials)):
        try require(config.line == credentials.line && config.reason == credentials.reason, "\(config), \(credentials)")
        let lines = 1 + text.unicodeScalars.count { $0 == "\n" || $0 == "\r" }
        try require(config.line.map { (1...lines).contains($0) } ?? true, "line \(config.line ?? 0) of \(lines)")
    case (.success(let config), .success(let credentials)):
        try checkWrittenOut(credentials.credentialsProfiles)
        try checkSettings(config)
    default:
        throw Violation(description: "refused in one role only")
    }
}

private func read(config: String?, credentials: String?) -> Result<SharedConfiguration, SharedConfigurationFault> {
    Result { () throws(SharedConfigurationFault) in
        try SharedConfiguration(config: config, credentials: credentials)
    }
}

private func checkWrittenOut(_ profiles: [String: SharedConfiguration.Section]) throws(Violation) {
    // Between a nested value's lines, what would be a comment in a line of its own may follow another line's end.
    let nestedNames = profiles.values.flatMap(\.nested.values).flatMap(\.keys)
    if nestedNames.contains(where: { $0.unicodeScalars.first == "#" || $0.unicodeScalars.first == ";" }) { return }
    let text = profiles.map { name, section in "[\(name)]\n\(writtenOut(section))" }.joined()
    if text.utf8.count > SharedConfiguration.fileBytesMax { return }
    let again = read(config: nil, credentials: text)
    try require(
        (try? again.get())?.credentialsProfiles == profiles, "another file once written out: \(text.debugDescription)")
}

private func writtenOut(_ section: SharedConfiguration.Section) -> String {
    var text = ""
    for (name, value) in section.values {
        let lines = value.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        text += "\(name) = \(lines.map { String($0) }.joined(separator: "\n "))\n"
    }
    for (name, settings) in section.nested {
        text += "\(name) =\n"
        for (key, value) in settings { text += "  \(key) = \(value)\n" }
    }
    return text
}

private func checkSettings(_ shared: SharedConfiguration) throws(Violation) {
    for profile in Array(shared.configProfiles.keys) + ["none"] {
        let (settings, faults) = ClientSettings.resolve(
            service: .swf, environment: ["AWS_PROFILE": profile], shared: shared)
        try require(profile != "none" || shared.profile(profile) != nil || !faults.isEmpty, "a profile out of nothing")
        guard faults.isEmpty else { continue }
        guard let endpoint = settings.endpoint, let region = settings.signingRegion else {
            throw Violation(description: "neither endpoint nor fault")
        }
        let isVisible = (endpoint.host + region).utf8.allSatisfy { (0x21...0x7E).contains($0) }
        try require(isVisible && !endpoint.host.isEmpty && !region.isEmpty, "\(endpoint), \(region)")
        try require(settings.maxAttempts >= 1, "\(settings.maxAttempts) attempts")
    }
}
