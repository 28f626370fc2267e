/// AWS's own endpoint of a service.
package struct ResolvedEndpoint: Sendable, Equatable {
    package let host: String
    /// For SigV4; not the region asked for where that is a pseudo region.
    package let signingRegion: String

    package var endpoint: Endpoint { Endpoint(awsHost: host) }
}

/// Why there is no endpoint, for an operator.
package struct EndpointFault: Error, Equatable, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// Which host serves a service in a region, as the services' endpoint rule sets say.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html
package enum EndpointRules {
    /// - Parameters:
    ///   - region: `fips-REGION` and `REGION-fips`, as configurations had it once, mean that region with `fips`.
    ///   - fips: an endpoint whose cryptography is validated by FIPS 140.
    ///   - dualstack: an endpoint that has IPv6 addresses too.
    ///   - legacySTS: the one global STS where the oldest regions used it.
    package static func resolve(
        service: AWSService, region: String, fips: Bool, dualstack: Bool, legacySTS: Bool = false
    ) -> Result<ResolvedEndpoint, EndpointFault> {
        let plain = RegionName(region)
        guard isHostLabel(region), isHostLabel(plain.name) else {
            return .failure(EndpointFault(description: "\"\(region)\" is not a region's name, such as us-east-1"))
        }
        let (region, fips) = (plain.name, fips || plain.isFIPS)
        let isPlain = !fips && !dualstack
        let isGlobal = region == globalRegion || legacySTS && regionsOfGlobalSTS.contains(region)
        if service == .sts, isPlain, isGlobal {
            return .success(ResolvedEndpoint(host: "sts.amazonaws.com", signingRegion: globalSigningRegion))
        }
        let partition = Partition.of(region: region)
        let name = service.endpointPrefix + (namesFIPS(service, partition, fips, dualstack) ? "-fips" : "")
        let domain = dualstack ? partition.dualstackDomain : partition.domain
        let signingRegion = service == .sts && region == globalRegion ? globalSigningRegion : region
        return .success(ResolvedEndpoint(host: "\(name).\(region).\(domain)", signingRegion: signingRegion))
    }

    /// Whether the host's name says `-fips`. GovCloud's plain endpoints are FIPS endpoints by their plain name, and
    /// SWF's dualstack endpoint there has the FIPS name only.
    private static func namesFIPS(
        _ service: AWSService, _ partition: Partition, _ fips: Bool, _ dualstack: Bool
    ) -> Bool {
        guard partition.name == "aws-us-gov" else { return fips }
        return dualstack && (fips || service == .swf)
    }

    /// RFC 1123, section 2.1, and not digits alone.
    private static func isHostLabel(_ text: String) -> Bool {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        return (1...hostLabelBytesMax).contains(text.utf8.count) && text.first != "-" && text.last != "-"
            && !text.utf8.allSatisfy(isDigit)
            && text.utf8.allSatisfy { byte in
                isDigit(byte) || byte == UInt8(ascii: "-") || (0x41...0x5A).contains(byte)
                    || (0x61...0x7A).contains(byte)
            }
    }

    /// RFC 1035, section 2.3.4.
    private static let hostLabelBytesMax = 63

    private static let globalRegion = "aws-global"
    private static let globalSigningRegion = "us-east-1"

    /// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
    private static let regionsOfGlobalSTS: Set = [
        "ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
        "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1",
        "us-west-2",
    ]
}

/// A region's name without the old marks for FIPS.
struct RegionName {
    let name: String
    let isFIPS: Bool

    init(_ text: String) {
        name = text.removing("fips-").removing("-fips")
        isFIPS = name != text
    }
}

extension String {
    /// Without any occurrence of a text, from left to right.
    fileprivate func removing(_ part: String) -> String {
        var result = ""
        var rest = self[...]
        while let scalar = rest.first {
            if rest.hasPrefix(part) {
                rest = rest.dropFirst(part.count)
            } else {
                result.append(scalar)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
