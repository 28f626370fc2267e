/// Why the two files cannot be used, for an operator: which file, which line, what to change.
package struct SharedConfigurationFault: Error, Equatable, CustomStringConvertible {
    package enum File: String, Sendable {
        case config
        case credentials
    }

    package let file: File
    /// From 1; nil where the fault is the whole file's.
    package let line: Int?
    /// Without anything of a value, which may be a secret.
    package let reason: String

    package var description: String {
        "AWS \(file.rawValue) file\(line.map { ", line \($0)" } ?? ""): \(reason)"
    }
}

extension SharedConfiguration {
    /// Of either file. Real ones have some kilobytes; this is 1 MiB.
    package static let fileBytesMax = 1 << 20

    /// Reads the two files' texts as botocore does, each nil where there is no such file.
    package init(config: String?, credentials: String?) throws(SharedConfigurationFault) {
        self.init()
        for (name, section) in try Self.sections(of: config, .config) { add(name, section) }
        for (name, section) in try Self.sections(of: credentials, .credentials) { credentialsProfiles[name] = section }
    }

    private static func sections(
        of text: String?, _ file: SharedConfigurationFault.File
    ) throws(SharedConfigurationFault) -> [(name: String, section: Section)] {
        guard let text else { return [] }
        guard text.utf8.count <= fileBytesMax else {
            throw SharedConfigurationFault(
                file: file, line: nil, reason: "it is larger than \(fileBytesMax) bytes; is it the right file?")
        }
        do throws(INIFile.Fault) {
            return try INIFile(text).sections
        } catch {
            throw SharedConfigurationFault(file: file, line: error.line, reason: error.reason)
        }
    }

    /// A section of the `config` file. Of two with the same meaning, `[default]` and `[profile default]`, the later
    /// is taken whole; what is none of ours is left out.
    private mutating func add(_ name: String, _ section: Section) {
        if name == "default" {
            configProfiles[name] = section
            return
        }
        let kinds: [(prefix: String, profiles: WritableKeyPath<Self, [String: Section]>)] = [
            ("profile", \.configProfiles), ("sso-session", \.ssoSessions), ("services", \.services),
        ]
        guard let kind = kinds.first(where: { name.utf8.starts(with: $0.prefix.utf8) }),
            let words = ShellWords.split(name), words.count == 2
        else { return }
        self[keyPath: kind.profiles][words[1]] = section
    }

    /// Where the two files are: `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, else in `~/.aws`. `$NAME`,
    /// `${NAME}` and a leading `~` are replaced.
    /// - Returns: nil for a file that is switched off by an empty variable or whose `~` needs `HOME`, which is not set.
    package static func paths(environment: [String: String]) -> (config: String?, credentials: String?) {
        (
            expanded(environment["AWS_CONFIG_FILE"] ?? "~/.aws/config", environment),
            expanded(environment["AWS_SHARED_CREDENTIALS_FILE"] ?? "~/.aws/credentials", environment)
        )
    }

    private static func expanded(_ path: String, _ environment: [String: String]) -> String? {
        let path = withVariables(path, environment)
        if path.isEmpty { return nil }
        guard path == "~" || path.hasPrefix("~/") else { return path }
        guard var home = environment["HOME"] else { return nil }
        while home.hasSuffix("/") { home.removeLast() }
        let expanded = home + path.dropFirst()
        return expanded.isEmpty ? "/" : expanded
    }

    /// A variable that is not set stays as it is written.
    private static func withVariables(_ path: String, _ environment: [String: String]) -> String {
        var rest = path[...]
        var result = ""
        while let sign = rest.firstIndex(of: "$") {
            result += rest[..<sign]
            let (name, end) = variable(in: rest[rest.index(after: sign)...])
            result += environment[name] ?? String(rest[sign..<end])
            rest = rest[end...]
        }
        return result + rest
    }

    private static func variable(in text: Substring) -> (name: String, end: Substring.Index) {
        if text.first == "{", let end = text.firstIndex(of: "}") {
            return (String(text[..<end].dropFirst()), text.index(after: end))
        }
        let name = text.prefix { $0 == "_" || ($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return (String(name), name.endIndex)
    }
}
