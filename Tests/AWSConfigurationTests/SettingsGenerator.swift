import Heartbeat

/// Somebody's whole configuration, as the script takes it.
struct SettingsCase: Encodable, CustomStringConvertible {
    struct Explicit: Encodable {
        var profile: String?
        var region: String?
        var endpointURL: String?
        var caBundle: String?
    }

    var service: String
    var environment: [String: String] = [:]
    var explicit = Explicit()
    var config: String?
    var credentials: String?

    var description: String {
        "\(service) \(environment) \(explicit) \(FilePair(config: config, credentials: credentials))"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(service, forKey: .service)
        try container.encode(environment, forKey: .environment)
        try container.encode(explicit, forKey: .explicit)
        try container.encode(config, forKey: .config)
        try container.encode(credentials, forKey: .credentials)
    }

    private enum Key: CodingKey { case service, environment, explicit, config, credentials }
}

/// Configurations by the thousand, the same ones from the same seed.
///
/// Never both `AWS_REGION` and another region, nor two variables for the profile: botocore differs there on purpose
/// (`ClientSettingsTests` has those); and no empty value, which it takes for a value.
struct SettingsGenerator {
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    mutating func next() -> SettingsCase {
        var sample = SettingsCase(service: chance(4) ? "sts" : "swf")
        for (variable, name) in Self.settings where chance(6) {
            sample.environment[variable] = value(of: name)
        }
        for variable in ["AWS_ENDPOINT_URL_SWF", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"] where chance(5) {
            sample.environment[variable] = value(of: "endpoint_url")
        }
        if chance(6) { sample.environment["REQUESTS_CA_BUNDLE"] = "/requests.pem" }
        if !chance(4) { sample.environment["AWS_DEFAULT_REGION"] = value(of: "region") }
        if chance(3) { sample.environment[pick(["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])] = profileName() }
        if chance(8) { sample.explicit.profile = profileName() }
        if chance(8) { sample.explicit.region = value(of: "region") }
        if chance(10) { sample.explicit.endpointURL = value(of: "endpoint_url") }
        if chance(10) { sample.explicit.caBundle = "/explicit.pem" }
        if !chance(4) { sample.config = file(["[default]", "[profile a]", "[profile 'b c']"]) + services() }
        if chance(3) { sample.credentials = file(["[default]", "[a]", "[c]"]) }
        return sample
    }

    private static let settings = [
        ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"), ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"),
        ("AWS_RETRY_MODE", "retry_mode"), ("AWS_MAX_ATTEMPTS", "max_attempts"), ("AWS_CA_BUNDLE", "ca_bundle"),
        ("AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints"),
    ]

    private mutating func value(of name: String) -> String {
        switch name {
        case "region":
            pick(
                ["us-east-1", "us-west-2", "eu-west-1", "eu-south-1", "us-gov-west-1", "fips-us-west-2", "cn-north-1"],
                odd: ["a_b", "us-east-1-fips", "aws-global", "xx-mars-1"])
        case "endpoint_url":
            pick(
                [
                    "http://127.0.0.1:81", "https://e.example",
                    "https://\(Int.random(in: 0...99, using: &random)).example/",
                ],
                odd: ["e.example", "https://e.example/path", "https://", "http://[::1]:8", "http://e .example"])
        case "retry_mode": pick(["standard", "adaptive", "legacy"], odd: ["fast", "Standard"])
        case "max_attempts": pick(["1", "2", "5", "10"], odd: ["0", "-1", "x", "1.5"])
        case "ca_bundle": pick(["/a.pem", "/b.pem"])
        case "sts_regional_endpoints": pick(["legacy", "regional"], odd: ["global"])
        case "services": pick(["s", "s", "t"], odd: ["missing", "empty"])
        default: pick(["true", "false", "false", "True", "FALSE"], odd: ["yes", "1"])
        }
    }

    private mutating func profileName() -> String {
        pick(["default", "a", "a", "b c"], odd: ["c", "missing"])
    }

    private mutating func file(_ sections: [String]) -> String {
        var text = ""
        for section in sections where !chance(4) {
            text += section + "\n"
            for name in Self.settings.map(\.1) + ["region", "services", "endpoint_url"] where chance(5) {
                text += "\(name) = \(value(of: name))\n"
            }
            if chance(40) { text += "output =\n  a = b\n" }
        }
        return text
    }

    private mutating func services() -> String {
        var text = "[services empty]\n"
        for name in ["s", "t"] where !chance(4) {
            text += "[services \(name)]\n"
            for service in ["swf", "STS", "s3"] where !chance(3) {
                let line = chance(20) ? "other = x" : "endpoint_url = \(value(of: "endpoint_url"))"
                text += chance(40) ? "\(service) = x\n" : "\(service) =\n  \(line)\n"
            }
        }
        return text
    }

    private mutating func chance(_ of: Int) -> Bool {
        Int.random(in: 0..<of, using: &random) == 0
    }

    private mutating func pick(_ choices: [String], odd: [String] = []) -> String {
        let choices = !odd.isEmpty && chance(25) ? odd : choices
        return choices[Int.random(in: 0..<choices.count, using: &random)]
    }
}
