import AWSConfiguration
import Testing

struct EndpointRulesTests {
    /// Beside all that botocore knows.
    private static let madeUp = [
        "xx-mars-1", "us-moon-1", "eu-west-99", "us-gov-moon-3", "cn-west-1", "us-iso-moon-1", "us-isob-moon-1",
        "eu-isoe-moon-1", "us-isof-moon-1", "eusc-de-moon-2", "eusc-fr-moon-1", "eusc-us-east-1", "aws-eusc-global",
        "aws-moon-global", "us-east", "us-east-", "us-east-1-2", "us--1", "us-east-1a", "US-EAST-1", "a", "1a",
        "fips-us-moon-1", "us-moon-1-fips", "us-fips-east-1", "fips-aws-global", "fips", "fips-fips-us-east-1",
        "us-gov-", "x-us-gov-west-1", "us_east_1", "us.east.1", "-us-east-1", "1234", "us east 1", "us-east-1\n",
        "us-east-1/", "é", String(repeating: "a", count: 63), String(repeating: "a", count: 64), "", "fips-", "-fips",
    ]

    private struct Row: Decodable {
        let service: String
        let region: String
        let fips: Bool
        let dualstack: Bool
        let legacySTS: Bool
        let host: String?
        let scheme: String?
        /// Of the signature; a call to SSO has none.
        let signingRegion: String?
        let signingName: String?
        let refusal: String?
        /// Where botocore's older tables refuse a variant: what `partitions.json` has for it.
        let domain: String?
    }

    @Test func `every region, service and variant has botocore's endpoint`() throws {
        let rows = try Botocore.run("endpoints", Self.madeUp, as: Row.self)
        var (compared, refused, byDomain) = (0, 0, 0)
        for row in rows {
            let service = try #require(AWSService(rawValue: row.service))
            let ours = EndpointRules.resolve(
                service: service, region: row.region, fips: row.fips, dualstack: row.dualstack,
                legacySTS: row.legacySTS)
            let resolved = try? ours.get()
            if let host = row.host {
                #expect(resolved?.host == host && row.scheme == "https", "\(row): \(ours)")
                if let signingRegion = row.signingRegion {
                    #expect(resolved?.signingRegion == signingRegion, "\(row): \(ours)")
                    #expect(service.signingName == row.signingName, "\(row)")
                }
                compared += 1
            } else if let domain = row.domain {
                let isGov = row.region.hasPrefix("us-gov")
                let name = service.endpointPrefix + (row.fips && !isGov ? "-fips" : "")
                #expect(resolved?.host == "\(name).\(row.region).\(domain)", "\(row): \(ours)")
                byDomain += 1
            } else {
                #expect(resolved == nil, "\(row): \(ours)")
                refused += 1
            }
        }
        // What is compared is the most of it; the isolated partitions E and F are what the older tables lack.
        #expect(compared > 1000 && refused > 50 && byDomain > 20, "\(compared), \(refused), \(byDomain)")
    }

    @Test(arguments: [
        ("us-gov-west-1", false, true, "swf-fips.us-gov-west-1.api.aws"),
        ("us-gov-west-1", true, false, "swf.us-gov-west-1.amazonaws.com"),
        ("eu-isoe-west-1", true, true, "swf-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"),
        ("fips-us-east-1", false, false, "swf-fips.us-east-1.amazonaws.com"),
        ("us-east-1-fips", false, true, "swf-fips.us-east-1.api.aws"),
    ])
    func `SWF's own`(region: String, fips: Bool, dualstack: Bool, host: String) throws {
        let resolved = EndpointRules.resolve(service: .swf, region: region, fips: fips, dualstack: dualstack)
        #expect(try resolved.get().host == host)
        #expect(try resolved.get().endpoint.url == "https://\(host)/")
    }

    @Test func `a fault says what a region looks like`() {
        let resolved = EndpointRules.resolve(service: .swf, region: "a.b", fips: false, dualstack: false)
        #expect(resolved == .failure(EndpointFault(description: "\"a.b\" is not a region's name, such as us-east-1")))
    }
}
