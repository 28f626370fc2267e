/// A part of AWS with regions, accounts and domain names of its own.
/// https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
struct Partition: Sendable {
    let name: String
    let domain: String
    /// For endpoints that have IPv6 addresses too.
    let dualstackDomain: String
    /// Of its regions: after one come a word, a hyphen and a number.
    private let regionPrefixes: [String]
    /// The pseudo region of services that have none.
    private let globalRegion: String?

    /// The partition whose region this is; `aws` where it looks like none's.
    static func of(region: String) -> Partition {
        all.first { $0.contains(region) } ?? aws
    }

    private func contains(_ region: String) -> Bool {
        region == globalRegion
            || regionPrefixes.contains { region.hasPrefix($0) && Self.isPlace(region.dropFirst($0.count)) }
    }

    /// `west-2`.
    private static func isPlace(_ text: Substring) -> Bool {
        guard let hyphen = text.firstIndex(of: "-") else { return false }
        let (word, number) = (text[..<hyphen], text[text.index(after: hyphen)...])
        return !word.isEmpty && !number.isEmpty && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    private static let aws = Partition(
        name: "aws", domain: "amazonaws.com", dualstackDomain: "api.aws",
        regionPrefixes: ["us-", "eu-", "ap-", "sa-", "ca-", "me-", "af-", "il-", "mx-"], globalRegion: "aws-global")

    private static let all = [
        aws,
        Partition(
            name: "aws-cn", domain: "amazonaws.com.cn", dualstackDomain: "api.amazonwebservices.com.cn",
            regionPrefixes: ["cn-"], globalRegion: "aws-cn-global"),
        Partition(
            name: "aws-eusc", domain: "amazonaws.eu", dualstackDomain: "api.amazonwebservices.eu",
            regionPrefixes: ["eusc-de-"], globalRegion: nil),
        Partition(
            name: "aws-iso", domain: "c2s.ic.gov", dualstackDomain: "api.aws.ic.gov",
            regionPrefixes: ["us-iso-"], globalRegion: "aws-iso-global"),
        Partition(
            name: "aws-iso-b", domain: "sc2s.sgov.gov", dualstackDomain: "api.aws.scloud",
            regionPrefixes: ["us-isob-"], globalRegion: "aws-iso-b-global"),
        Partition(
            name: "aws-iso-e", domain: "cloud.adc-e.uk", dualstackDomain: "api.cloud-aws.adc-e.uk",
            regionPrefixes: ["eu-isoe-"], globalRegion: "aws-iso-e-global"),
        Partition(
            name: "aws-iso-f", domain: "csp.hci.ic.gov", dualstackDomain: "api.aws.hci.ic.gov",
            regionPrefixes: ["us-isof-"], globalRegion: "aws-iso-f-global"),
        Partition(
            name: "aws-us-gov", domain: "amazonaws.com", dualstackDomain: "api.aws",
            regionPrefixes: ["us-gov-"], globalRegion: "aws-us-gov-global"),
    ]
}
