import AWSConfiguration

/// What is read in a pair of files, as the script writes it.
struct ReadFiles: Decodable, Equatable {
    var profiles: [String: [String: Value]]
    var ssoSessions: [String: [String: Value]]
    var services: [String: [String: Value]]
    var credentials: [String: [String: Value]]

    enum Value: Decodable, Equatable {
        case text(String)
        case nested([String: String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .nested(try container.decode([String: String].self))
            }
        }
    }

    init(_ configuration: SharedConfiguration) {
        profiles = configuration.configProfiles.mapValues(Self.values)
        ssoSessions = configuration.ssoSessions.mapValues(Self.values)
        services = configuration.services.mapValues(Self.values)
        credentials = configuration.credentialsProfiles.mapValues(Self.values)
    }

    private static func values(_ section: SharedConfiguration.Section) -> [String: Value] {
        section.values.mapValues(Value.text).merging(section.nested.mapValues(Value.nested)) { $1 }
    }
}
