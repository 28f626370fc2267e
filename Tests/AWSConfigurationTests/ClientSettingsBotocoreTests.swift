import AWSConfiguration
import Testing

/// The same configurations go to botocore and to us: a call goes to the same host, signed for the same region, with
/// the same trust and the same retries; or neither makes it.
struct ClientSettingsBotocoreTests {
    private static let count = 1500

    /// What botocore takes and we refuse; each must come up.
    private static let differences = [
        // It takes every other word for false, so that a slip goes to an endpoint that is not validated.
        "is not true or false",
        // It says nothing and takes the operator's endpoint, though its own rules call it an error.
        "cannot go together with an endpoint of one's own",
        // It drops the path for SWF's protocol's own, so that the call goes elsewhere than it says.
        "is not \(Endpoint.form)",
        // It calls the global STS; but whoever needs STS here does so for SWF, which has no endpoint without a region.
        "no region is set",
    ]

    private struct Their: Decodable {
        let refusal: String?
        let host: String?
        let scheme: String?
        let signingRegion: String?
        let signingName: String?
        let caBundle: String?
        let retryMode: String?
        let maxAttempts: Int?
    }

    @Test func `settings resolve as botocore resolves them`() throws {
        var generator = SettingsGenerator(seed: 1863)
        let cases = (0..<Self.count).map { _ in generator.next() }
        let theirs = try Botocore.run("settings", cases, as: Their.self)
        try #require(theirs.count == cases.count)
        var (agreed, refused) = (0, 0)
        var seen: Set<String> = []
        for (sample, their) in zip(cases, theirs) {
            let (settings, faults) = try Self.resolve(sample)
            #expect(!faults.isEmpty || (settings.endpoint != nil && settings.signingRegion != nil), "\(sample)")
            if their.refusal != nil {
                #expect(!faults.isEmpty, "\(sample): \(their), ours \(settings)")
                refused += 1
            } else if faults.isEmpty {
                Self.compare(settings, their, sample)
                agreed += 1
            } else {
                for fault in faults {
                    let difference = Self.differences.first { fault.contains($0) }
                    #expect(difference != nil, "\(sample): \(fault), theirs \(their)")
                    if let difference { seen.insert(difference) }
                }
            }
        }
        #expect(agreed > Self.count / 3 && refused > Self.count / 20, "\(agreed), \(refused)")
        #expect(seen == Set(Self.differences))
    }

    private static func compare(_ settings: ClientSettings, _ their: Their, _ sample: SettingsCase) {
        let scheme = settings.endpoint?.url.prefix { $0 != ":" }
        #expect(settings.endpoint?.host == their.host && scheme.map(String.init) == their.scheme, "\(sample): \(their)")
        #expect(settings.signingRegion == their.signingRegion, "\(sample): \(their)")
        #expect(sample.service == their.signingName, "\(sample): \(their)")
        #expect(settings.caBundle == their.caBundle, "\(sample): \(their)")
        // Legacy retries are standard ones here; so is what botocore does where nothing is said.
        let mode = their.retryMode == "legacy" ? "standard" : their.retryMode
        #expect(settings.retryMode.rawValue == mode, "\(sample): \(their)")
        #expect(settings.maxAttempts == their.maxAttempts ?? ClientSettings.maxAttemptsDefault, "\(sample): \(their)")
    }

    private static func resolve(_ sample: SettingsCase) throws -> (settings: ClientSettings, faults: [String]) {
        ClientSettings.resolve(
            service: try #require(AWSService(rawValue: sample.service)), environment: sample.environment,
            explicit: ClientSettings.Explicit(
                profile: sample.explicit.profile, region: sample.explicit.region,
                endpointURL: sample.explicit.endpointURL, caBundle: sample.explicit.caBundle),
            shared: try SharedConfiguration(config: sample.config, credentials: sample.credentials))
    }
}
