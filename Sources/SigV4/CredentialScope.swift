/// Where and on which day a signing key is good.
package struct CredentialScope: Sendable, Hashable {
    /// `YYYYMMDD`.
    package let day: String
    package let region: String
    /// The signing name, such as `swf`.
    package let service: String

    /// As in the string to sign.
    let text: String

    static let terminator = "aws4_request"

    package init(day: String, region: String, service: String) {
        self.day = day
        self.region = region
        self.service = service
        text = [day, region, service, Self.terminator].joined(separator: "/")
    }
}
