import AWSConfiguration
import SigningClient

extension Setting {
    /// The AWS SDKs' own.
    static let aws: [Setting] = [
        Setting(
            name: "AWS_REGION", defaultText: "`AWS_DEFAULT_REGION`, else the profile's",
            meaning: "the region of SWF", value: { $0.signingClient?.region ?? "not set" }),
        Setting(
            name: "AWS_PROFILE", defaultText: "`default`",
            meaning: "the profile in the two shared files", value: variable("AWS_PROFILE", else: "default")),
        Setting(
            name: "AWS_CONFIG_FILE", defaultText: "`~/.aws/config`",
            meaning: "the one shared file", value: variable("AWS_CONFIG_FILE", else: "~/.aws/config")),
        Setting(
            name: "AWS_SHARED_CREDENTIALS_FILE", defaultText: "`~/.aws/credentials`",
            meaning: "the other shared file",
            value: variable("AWS_SHARED_CREDENTIALS_FILE", else: "~/.aws/credentials")),
        Setting(
            name: "AWS_ACCESS_KEY_ID", defaultText: "none",
            meaning: "the AWS credentials to sign with", value: presence("AWS_ACCESS_KEY_ID")),
        Setting(
            name: "AWS_SECRET_ACCESS_KEY", defaultText: "none",
            meaning: "their secret", value: presence("AWS_SECRET_ACCESS_KEY")),
        Setting(
            name: "AWS_SESSION_TOKEN", defaultText: "none",
            meaning: "the session token of temporary credentials", value: presence("AWS_SESSION_TOKEN")),
        Setting(
            name: "AWS_WEB_IDENTITY_TOKEN_FILE", defaultText: "none",
            meaning: "file with the token of a web identity, for the role `AWS_ROLE_ARN`; read at each refresh",
            value: variable("AWS_WEB_IDENTITY_TOKEN_FILE")),
        Setting(
            name: "AWS_ROLE_ARN", defaultText: "none",
            meaning: "the role that the web identity takes on", value: variable("AWS_ROLE_ARN")),
        Setting(
            name: "AWS_ROLE_SESSION_NAME", defaultText: "made up",
            meaning: "how the role's session is called", value: variable("AWS_ROLE_SESSION_NAME")),
        Setting(
            name: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", defaultText: "none",
            meaning: "set by ECS", value: variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")),
        Setting(
            name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", defaultText: "none",
            meaning: "set by EKS Pod Identity; HTTPS, a loopback address or AWS's own only",
            value: variable("AWS_CONTAINER_CREDENTIALS_FULL_URI")),
        Setting(
            name: "AWS_CONTAINER_AUTHORIZATION_TOKEN", defaultText: "none",
            meaning: "what is sent there; or `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`, read at each refresh",
            value: presence("AWS_CONTAINER_AUTHORIZATION_TOKEN")),
        Setting(
            name: "AWS_EC2_METADATA_DISABLED", defaultText: "`false`",
            meaning: "`true`: EC2's metadata service is not asked",
            value: variable("AWS_EC2_METADATA_DISABLED", else: "false")),
        Setting(
            name: "AWS_EC2_METADATA_SERVICE_ENDPOINT", defaultText: "`http://169.254.169.254/`",
            meaning: "where that is; or `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6`",
            value: variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", else: "http://169.254.169.254/")),
        Setting(
            name: "AWS_ENDPOINT_URL_SWF",
            defaultText: "`AWS_ENDPOINT_URL`, the profile's, else SWF's own in the region",
            meaning: "the endpoint to call", value: { $0.signingClient?.endpoint.url ?? "not set" }),
        Setting(
            name: "AWS_ENDPOINT_URL_STS",
            defaultText: "`AWS_ENDPOINT_URL`, the profile's, else STS's own in the region",
            meaning: "the endpoint to take on roles at", value: variable("AWS_ENDPOINT_URL_STS")),
        Setting(
            name: "AWS_USE_FIPS_ENDPOINT", defaultText: "`false`",
            meaning: "`true`: the endpoint with validated cryptography",
            value: variable("AWS_USE_FIPS_ENDPOINT", else: "false")),
        Setting(
            name: "AWS_USE_DUALSTACK_ENDPOINT", defaultText: "`false`",
            meaning: "`true`: the endpoint with IPv6 addresses too",
            value: variable("AWS_USE_DUALSTACK_ENDPOINT", else: "false")),
        Setting(
            name: "AWS_MAX_ATTEMPTS", defaultText: "`3`",
            meaning: "how often a call is sent at most", value: { "\($0.signingClient?.attemptsMax ?? 3)" }),
        Setting(
            name: "AWS_RETRY_MODE", defaultText: "`standard`",
            meaning: "`adaptive`: throttling slows all calls down",
            value: { $0.signingClient?.isAdaptive == true ? "adaptive" : "standard" }),
        Setting(
            name: "AWS_CA_BUNDLE", defaultText: "the profile's, `REQUESTS_CA_BUNDLE`, else the system's",
            meaning: "PEM file with the authorities to trust",
            value: { configuration in
                guard case .bundle(let path)? = configuration.signingClient?.trust else { return "not set" }
                return path
            }),
        Setting(
            name: "HTTPS_PROXY", defaultText: "none",
            meaning: "the proxy to AWS, perhaps with a user and a password", value: presence("HTTPS_PROXY")),
        Setting(
            name: "NO_PROXY", defaultText: "none",
            meaning: "hosts that are called without it", value: variable("NO_PROXY")),
    ]

    private static func variable(
        _ name: String, else text: String = "not set"
    ) -> @Sendable (Configuration) -> String {
        { configuration in
            guard let value = configuration.aws?.variables[name], !value.isEmpty else { return text }
            return value
        }
    }

    /// Of a secret.
    private static func presence(_ name: String) -> @Sendable (Configuration) -> String {
        { configuration in configuration.aws?.variables[name].map { !$0.isEmpty } == true ? "set" : "not set" }
    }
}
