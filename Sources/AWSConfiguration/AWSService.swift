/// A service of AWS that is called; the raw value is its name in the shared files' services sections.
public enum AWSService: String, Sendable, CaseIterable {
    case swf
    case sts
    /// IAM Identity Center's portal, which gives role credentials for a token.
    case sso
    /// Its token endpoint, which renews that token.
    case ssoOIDC = "sso_oidc"

    /// Of the environment variable for this service's endpoint alone, `AWS_ENDPOINT_URL_SWF` for example.
    package var endpointVariable: String { "AWS_ENDPOINT_URL_\(rawValue.uppercased())" }

    /// The host name's beginning.
    package var endpointPrefix: String {
        switch self {
        case .swf, .sts: rawValue
        case .sso: "portal.sso"
        case .ssoOIDC: "oidc"
        }
    }

    /// In SigV4's credential scope.
    package var signingName: String {
        switch self {
        case .swf, .sts: rawValue
        case .sso: "awsssoportal"
        case .ssoOIDC: "sso-oauth"
        }
    }
}
