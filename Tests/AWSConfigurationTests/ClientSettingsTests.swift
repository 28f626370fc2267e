import AWSConfiguration
import Testing

/// What the comparison with botocore leaves out: where we differ on purpose, and the texts.
struct ClientSettingsTests {
    private static let config = """
        [default]
        region = eu-west-1
        [profile a]
        region = eu-west-2
        [profile b]
        use_fips_endpoint = maybe
        max_attempts = none
        sts_regional_endpoints = x
        region =
          a = b
        services = s
        [profile c]
        services = t
        [services s]
        swf = https://e.example
        """

    private static func resolve(
        _ environment: [String: String], explicit: ClientSettings.Explicit = .init(), config: String = config
    ) throws -> (settings: ClientSettings, faults: [String]) {
        ClientSettings.resolve(
            service: .swf, environment: environment, explicit: explicit,
            shared: try SharedConfiguration(config: config, credentials: nil))
    }

    @Test(arguments: [
        ([:], "eu-west-1"), (["AWS_DEFAULT_REGION": "a"], "a"), (["AWS_REGION": "b"], "b"),
        // As the SDKs have it; botocore does not know AWS_REGION.
        (["AWS_REGION": "b", "AWS_DEFAULT_REGION": "a"], "b"),
        // An empty variable is none.
        (["AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": ""], "eu-west-1"),
        // botocore takes the latter first.
        (["AWS_PROFILE": "missing", "AWS_DEFAULT_PROFILE": "a"], "eu-west-2"),
        (["AWS_PROFILE": "", "AWS_DEFAULT_PROFILE": "a"], "eu-west-2"), (["AWS_REGION": "fips-us-east-1"], "us-east-1"),
    ])
    func `where the region is from`(environment: [String: String], region: String) throws {
        let (settings, faults) = try Self.resolve(environment)
        #expect(settings.region == region && settings.signingRegion == region)
        #expect(faults == [])
    }

    @Test func `nothing said but the region`() throws {
        let (settings, faults) = try Self.resolve(["AWS_REGION": "us-east-1"], config: "")
        var expected = ClientSettings()
        expected.region = "us-east-1"
        expected.signingRegion = "us-east-1"
        expected.endpoint = Endpoint(url: "https://swf.us-east-1.amazonaws.com")
        #expect(settings == expected && faults == [])
        #expect(settings.maxAttempts == 3 && settings.retryMode == .standard && settings.profile == "default")
    }

    @Test func `authorities are also looked for where requests has them, the Python library`() throws {
        func bundle(_ environment: [String: String]) throws -> String? {
            let environment = environment.merging(["REQUESTS_CA_BUNDLE": "/requests"]) { $1 }
            return try Self.resolve(environment, config: "").settings.caBundle
        }
        #expect(try bundle([:]) == "/requests" && bundle(["AWS_CA_BUNDLE": "/aws"]) == "/aws")
    }

    @Test func `the command line wins`() throws {
        let (settings, faults) = try Self.resolve(
            [
                "AWS_PROFILE": "missing", "AWS_REGION": "x", "AWS_ENDPOINT_URL_SWF": "http://x",
                "AWS_CA_BUNDLE": "/x", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
            ],
            explicit: .init(profile: "a", region: "y", endpointURL: "http://y", caBundle: "/y"))
        #expect(faults == [])
        #expect(settings.profile == "a" && settings.region == "y" && settings.caBundle == "/y")
        #expect(settings.endpoint?.url == "http://y/" && settings.isCustomEndpoint)
    }

    @Test(arguments: [
        (["AWS_ENDPOINT_URL_SWF": "http://u:SECRET@h"], ["AWS_ENDPOINT_URL_SWF: its value is not \(Endpoint.form)"]),
        (
            ["AWS_ENDPOINT_URL": "http://h", "AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"],
            [
                """
                AWS_ENDPOINT_URL: FIPS and dualstack cannot go together with an endpoint of one's own; take one of \
                them away
                """
            ]
        ),
        (
            ["AWS_ENDPOINT_URL_SWF": "http://h", "AWS_REGION": "us-east-1-fips"],
            [
                """
                AWS_ENDPOINT_URL_SWF: FIPS cannot go together with an endpoint of one's own; take one of them away
                """
            ]
        ),
        (["AWS_REGION": "a.b"], ["AWS_REGION: \"a.b\" is not a region's name, such as us-east-1"]),
        (
            ["AWS_PROFILE": "missing"],
            [
                "AWS_PROFILE: there is no profile \"missing\" in the AWS config or credentials file",
                """
                no region is set: set AWS_REGION, or region in the profile missing, to one such as us-east-1
                """,
            ]
        ),
        (
            ["AWS_RETRY_MODE": "fast", "AWS_MAX_ATTEMPTS": "0", "AWS_STS_REGIONAL_ENDPOINTS": "x"],
            [
                "AWS_RETRY_MODE: \"fast\" is not standard or adaptive",
                "AWS_MAX_ATTEMPTS: \"0\" is not a whole number of at least 1",
                "AWS_STS_REGIONAL_ENDPOINTS: \"x\" is not regional or legacy",
            ]
        ),
        (
            ["AWS_PROFILE": "b"],
            [
                "max_attempts of the profile b: \"none\" is not a whole number of at least 1",
                "region of the profile b has indented lines where one value is expected",
                "use_fips_endpoint of the profile b: \"maybe\" is not true or false",
                "sts_regional_endpoints of the profile b: \"x\" is not regional or legacy",
                "swf in [services s] is to have indented lines under it, such as \"endpoint_url = https://HOST\"",
                "no region is set: set AWS_REGION, or region in the profile b, to one such as us-east-1",
            ]
        ),
        (
            ["AWS_PROFILE": "c", "AWS_REGION": "us-east-1"],
            ["services of the profile c: there is no [services t] in the AWS config file, or it is empty"]
        ),
    ])
    func `all that is wrong is said at once`(environment: [String: String], faults: [String]) throws {
        let resolved = try Self.resolve(environment)
        #expect(resolved.faults == faults)
    }
}
