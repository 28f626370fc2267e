import Foundation
import SigningClient

extension CredentialEnvironment {
    private static let sessionProfile = """
        [default]
        sso_session = work
        sso_account_id = 123456789012
        sso_role_name = Reader

        """
    private static let session = """
        [sso-session work]
        sso_region = eu-west-1
        sso_start_url = https://example.awsapps.com/start

        """
    private static let legacy = """
        [default]
        sso_region = eu-west-1
        sso_start_url = https://example.awsapps.com/start
        sso_account_id = 123456789012
        sso_role_name = Reader & Writer

        """
    /// The SHA-1 of `work`, and of the start URL.
    private static let sessionToken = ".aws/sso/cache/e274eeff768c6396088ec6eb091f4bf4d47ab1e0.json"
    private static let legacyToken = ".aws/sso/cache/e8be5486177c5b5392bd9aa76563515b29358e6e.json"

    private static func token(_ text: String, until expiration: String, refresh: String? = nil) -> String {
        let more = refresh.map {
            #", "refreshToken": "\#($0)", "clientId": "c", "clientSecret": "s", "#
                + #""registrationExpiresAt": "2099-01-01T00:00:00Z""#
        }
        return #"{"accessToken": "\#(text)", "expiresAt": "\#(expiration)"\#(more ?? "")}"#
    }

    private static let future = "2098-01-01T00:00:00Z"
    private static let past = "2001-01-01T00:00:00Z"

    static let signOns: [CredentialEnvironment] = [
        .init(
            "an SSO session", .found("sso"), config: sessionProfile + session,
            files: [sessionToken: token("good-token", until: future)]),
        .init(
            "SSO the older way", .found("sso"), config: legacy,
            files: [legacyToken: token("good-token", until: "2098-01-01T00:00:00UTC")]),
        .init(
            "SSO before keys in files", .found("sso"), config: sessionProfile + session,
            credentials: "[default]\naws_access_key_id = x\naws_secret_access_key = y\n",
            files: [sessionToken: token("good-token", until: future)]),
        .init(
            "SSO the older way, expired", .fails(.refused), config: legacy,
            files: [legacyToken: token("old-token", until: past)]),
        .init(
            "an SSO session that has expired", .fails(.refused), config: sessionProfile + session,
            files: [sessionToken: token("old-token", until: past)]),
        .init(
            "an SSO session that is renewed", .found("sso"), config: sessionProfile + session,
            files: [sessionToken: token("old-token", until: past, refresh: "good-refresh")]),
        .init(
            "an SSO session that is not renewed", .fails(.refused), config: sessionProfile + session,
            files: [sessionToken: token("old-token", until: past, refresh: "bad-refresh")]),
        .init(
            "an SSO session that the portal refuses", .fails(.refused), config: sessionProfile + session,
            files: [sessionToken: token("refused-token", until: future)]),
        .init("an SSO session without its token", .fails(.configuration), config: sessionProfile + session),
        .init(
            "an SSO token without its expiry", .fails(.configuration), config: sessionProfile + session,
            files: [sessionToken: #"{"accessToken": "t"}"#]),
        .init("an SSO session that is not there", .fails(.configuration), config: sessionProfile),
        .init(
            "an SSO profile without its account", .fails(.configuration),
            config: "[default]\nsso_session = work\nsso_role_name = Reader\n\(session)"),
        .init(
            "an SSO profile that contradicts its session", .fails(.configuration),
            config: "\(sessionProfile)sso_region = us-east-1\n\(session)"),
        .init(
            "a role with SSO for its source", .found("assume-role"),
            config: """
                \(sessionProfile.replacingOccurrences(of: "[default]", with: "[profile base]"))
                \(session)
                [default]
                role_arn = arn:aws:iam::1:role/r
                source_profile = base
                """, files: [sessionToken: token("good-token", until: future)]),
    ]

    private static let container = "AWS_CONTAINER_CREDENTIALS_FULL_URI"

    static let containers: [CredentialEnvironment] = [
        .init("a container", .found("container-role"), [container: "{URL}/container/a?b=c"]),
        .init(
            "a container with a token", .found("container-role"),
            [container: "{URL}/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic hush"]),
        .init(
            "a container with a token's file, which is before the token", .found("container-role"),
            [
                container: "{URL}/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Basic hush",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{HOME}/t",
            ], files: ["t": "Bearer file"]),
        .init(
            "a container's token with a line break", .fails(.configuration),
            [container: "{URL}/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\nb"]),
        .init(
            "a container's token file that is not there", .fails(.configuration),
            [container: "{URL}/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{HOME}/t"]),
        .init("a container somewhere else", .fails(.configuration), [container: "http://192.0.2.1/container"]),
        .init("a container's name that looks local", .fails(.configuration), [container: "http://127.0.0.1.example/"]),
        .init("a container that fails", .fails(.unavailable), [container: "{URL}/container/failing"]),
        .init("a container without keys", .fails(.unavailable), [container: "{URL}/container/lacking"]),
        .init(
            "keys in files before a container", .found("shared-credentials-file"), [container: "{URL}/container"],
            credentials: "[default]\naws_access_key_id = x\naws_secret_access_key = y\n"),
        .init(
            "a container before an instance", .found("container-role"),
            instance("imds").merging([container: "{URL}/container"]) { $1 }),
    ]

    private static func instance(_ kind: String, _ more: [String: String] = [:]) -> [String: String] {
        ["AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{URL}/\(kind)"]
            .merging(more) { $1 }
    }

    static let instances: [CredentialEnvironment] = [
        .init("an instance", .found("iam-role"), instance("imds")),
        .init(
            "an instance that the profile describes", .found("iam-role"), ["AWS_EC2_METADATA_DISABLED": "{NOT SET}"],
            config: "[default]\nec2_metadata_service_endpoint = {URL}/imds/\nmetadata_service_num_attempts = 2\n"),
        .init("an instance whose metadata is off", .none, instance("imds", ["AWS_EC2_METADATA_DISABLED": "True"])),
        .init("an instance without a role", .none, instance("imds-roleless")),
        .init("an instance whose role has a fault", .none, instance("imds-fault")),
        .init(
            "an instance with version 1 only", .differs(ours: .none, botocore: .found, "no way back unless asked for"),
            instance("imds-version-1")),
        .init(
            "an instance with version 1 only, which is asked for", .found("iam-role"),
            instance("imds-version-1", ["AWS_EC2_METADATA_V1_DISABLED": "false"])),
        .init(
            "an instance with version 1 only, which is forbidden",
            .differs(ours: .none, botocore: .failed, "what is not there is no fault of the settings"),
            instance("imds-version-1", ["AWS_EC2_METADATA_V1_DISABLED": "true"])),
        .init(
            "a mode that there is none of", .fails(.configuration),
            instance("imds", ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "ipv5"])),
        .init(
            "keys in the config file before an instance", .found("config-file"), instance("imds"),
            config: "[default]\naws_access_key_id = x\naws_secret_access_key = y\n"),
    ]

    static let all = environmentAndFiles + processes + roles + webIdentities + signOns + containers + instances
}
