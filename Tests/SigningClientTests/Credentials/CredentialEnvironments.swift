import SigningClient

extension CredentialEnvironment {
    private static let keys = "aws_access_key_id = AKIAFILE\naws_secret_access_key = file-secret\n"
    private static let environmentKeys = ["AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "env-secret"]

    private static func role(_ name: String, _ rest: String = "source_profile = base") -> String {
        "role_arn = arn:aws:iam::123456789012:role/\(name)\n\(rest)\n"
    }

    static let environmentAndFiles: [CredentialEnvironment] = [
        .init("nothing", .none),
        .init("keys in the environment", .found("env"), environmentKeys),
        .init(
            "a session token in the environment", .found("env"),
            environmentKeys.merging(["AWS_SESSION_TOKEN": "t/+="]) { $1 }),
        .init(
            "the older name of the session token", .found("env"),
            environmentKeys.merging(["AWS_SESSION_TOKEN": "new", "AWS_SECURITY_TOKEN": "old"]) { $1 }),
        .init(
            "keys in the environment that expire", .found("env"),
            environmentKeys.merging(["AWS_CREDENTIAL_EXPIRATION": "2098-02-28T23:59:59+01:00"]) { $1 }),
        .init(
            "an expiration that is none", .fails(.configuration),
            environmentKeys.merging(["AWS_CREDENTIAL_EXPIRATION": "soon"]) { $1 }),
        .init("a key without its secret", .fails(.configuration), ["AWS_ACCESS_KEY_ID": "AKIAENV"]),
        .init(
            "an empty key in the environment", .found("shared-credentials-file"),
            ["AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "x"], credentials: "[default]\n\(keys)"),
        .init("a secret without its key", .none, ["AWS_SECRET_ACCESS_KEY": "x"]),
        .init("the credentials file", .found("shared-credentials-file"), credentials: "[default]\n\(keys)"),
        .init(
            "a session token in the credentials file", .found("shared-credentials-file"),
            credentials: "[default]\n\(keys)aws_session_token = t\n"),
        .init(
            "the older name of the token in the credentials file", .found("shared-credentials-file"),
            credentials: "[default]\n\(keys)aws_session_token = t\naws_security_token = older\n"),
        .init(
            "a profile that the environment names", .found("shared-credentials-file"), ["AWS_PROFILE": "p"],
            credentials: "[default]\naws_access_key_id = x\naws_secret_access_key = y\n[p]\n\(keys)"),
        .init(
            "AWS_DEFAULT_PROFILE before AWS_PROFILE", .found("shared-credentials-file"),
            ["AWS_PROFILE": "q", "AWS_DEFAULT_PROFILE": "p"],
            credentials: "[q]\naws_access_key_id = x\naws_secret_access_key = y\n[p]\n\(keys)"),
        .init("a profile that does not exist", .fails(.configuration), ["AWS_PROFILE": "p"]),
        .init(
            "a profile that does not exist, and keys", .fails(.configuration),
            environmentKeys.merging(["AWS_PROFILE": "p"]) { $1 }),
        .init(
            "keys in the environment before a profile that it names", .found("env"),
            environmentKeys.merging(["AWS_PROFILE": "p"]) { $1 }, credentials: "[p]\n\(keys)"),
        .init(
            "a profile that an option names before keys in the environment", .found("shared-credentials-file"),
            environmentKeys, profile: "p", credentials: "[p]\n\(keys)"),
        .init(
            "a profile that an option names, without credentials", .none, environmentKeys, profile: "p",
            config: "[profile p]\nregion = us-east-1\n"),
        .init("the config file", .found("config-file"), config: "[default]\n\(keys)"),
        .init(
            "a profile of the config file", .found("config-file"), ["AWS_PROFILE": "p"],
            config: "[profile p]\n\(keys)aws_session_token = t\n"),
        .init(
            "the credentials file before the config file", .found("shared-credentials-file"),
            config: "[default]\naws_access_key_id = x\naws_secret_access_key = y\n", credentials: "[default]\n\(keys)"),
        .init(
            "a key without its secret in the credentials file", .fails(.configuration),
            config: "[default]\n\(keys)", credentials: "[default]\naws_access_key_id = x\n"),
        .init(
            "a key without its secret in the config file", .fails(.configuration),
            config: "[default]\naws_access_key_id = x\n"),
        .init(
            "a token of two lines",
            .differs(ours: .failed, botocore: .found, "no header can carry it: found here before any call"),
            credentials: "[default]\n\(keys)aws_session_token = a\n  b\n"),
        .init(
            "an empty token",
            .differs(ours: .found, botocore: .found, "which botocore gives, and does not send"),
            credentials: "[default]\n\(keys)aws_session_token =\n"),
        .init(
            "files in other places", .found("config-file"),
            ["AWS_CONFIG_FILE": "{HOME}/c", "AWS_SHARED_CREDENTIALS_FILE": "{HOME}/absent"],
            credentials: "[default]\naws_access_key_id = x\n", files: ["c": "[default]\n\(keys)"]),
        .init(
            "a login session", .fails(.configuration),
            config: "[default]\nlogin_session = arn:aws:iam::1:user/u\n"),
    ]

    private static func process(_ command: String) -> String {
        "[default]\ncredential_process = \(command)\n"
    }

    private static let output = #"{"Version": 1, "AccessKeyId": "AKIAPROC", "SecretAccessKey": "s"}"#

    static let processes: [CredentialEnvironment] = [
        .init("a process", .found("custom-process"), config: process("/bin/cat {HOME}/o"), files: ["o": output]),
        .init("a process along PATH", .found("custom-process"), config: process("cat {HOME}/o"), files: ["o": output]),
        .init(
            "a process with all there may be", .found("custom-process"), config: process("cat {HOME}/o"),
            files: [
                "o": """
                {"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "s", "SessionToken": "t",
                "Expiration": "2098-01-01T00:00:00.123Z", "AccountId": "1", "More": [1]}
                """
            ]),
        .init(
            "a process whose arguments have spaces", .found("custom-process"),
            config: process(#"sh "{HOME}/a script" 'AKIA "Q"' x\ y"#),
            files: [
                "a script": #"printf '{"Version":1,"AccessKeyId":"%s","SecretAccessKey":"%s"}' "${1#* }" "$2" "#
                    + "| sed 's/\"\"Q\"\"/\"Q\"/'"
            ]),
        .init(
            "a process without an expiration", .found("custom-process"), config: process("cat {HOME}/o"),
            files: ["o": #"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","Expiration":null}"#]),
        .init("a process that fails", .fails(.unavailable), config: process("sh -c 'echo hush >&2; exit 3'")),
        .init(
            "a process of another version", .fails(.unavailable), config: process("cat {HOME}/o"),
            files: ["o": #"{"Version": 2, "AccessKeyId": "a", "SecretAccessKey": "s"}"#]),
        .init("a process that writes no JSON", .fails(.unavailable), config: process("echo hello")),
        .init(
            "a process without a secret", .fails(.unavailable), config: process("cat {HOME}/o"),
            files: ["o": #"{"Version": 1, "AccessKeyId": "a"}"#]),
        .init("a process that is not there", .fails(.configuration), config: process("{HOME}/absent")),
        .init("a quotation without an end", .fails(.configuration), config: process("cat '{HOME}/o")),
        .init(
            "keys in the credentials file before a process", .found("shared-credentials-file"),
            config: process("cat {HOME}/o"), credentials: "[default]\n\(keys)", files: ["o": output]),
        .init(
            "a process before keys in the config file", .found("custom-process"),
            config: process("cat {HOME}/o") + keys, files: ["o": output]),
        .init(
            "a process in the credentials file", .found("custom-process"), credentials: process("cat {HOME}/o"),
            files: ["o": output]),
        .init(
            "keys in the environment of the process", .found("custom-process"), ["MARK": "AKIAMARK"],
            config: process(#"sh -c 'echo "{\"Version\":1,\"AccessKeyId\":\"$MARK\",\"SecretAccessKey\":\"s\"}"'"#)),
    ]

    private static let base = "[base]\n\(keys)aws_session_token = base-token\n"

    static let roles: [CredentialEnvironment] = [
        .init("a role", .found("assume-role"), config: "[default]\n\(role("r"))", credentials: base),
        .init(
            "a role with all there may be", .found("assume-role"),
            config: """
                [default]
                \(role("r"))
                external_id = e&=+ é
                role_session_name = session
                duration_seconds = 3600
                """, credentials: base),
        .init(
            "a duration that is no number", .found("assume-role"),
            config: "[default]\n\(role("r"))duration_seconds = long\n", credentials: base),
        .init(
            "a role of a role", .found("assume-role"),
            config: "[default]\n\(role("outer", "source_profile = middle"))[profile middle]\n\(role("inner"))",
            credentials: base),
        .init(
            "a profile that names itself for its keys", .found("assume-role"), ["AWS_PROFILE": "p"],
            config: "[profile p]\n\(role("r", "source_profile = p"))\(keys)"),
        .init(
            "a profile that names itself without keys", .fails(.configuration), ["AWS_PROFILE": "p"],
            config: "[profile p]\n\(role("r", "source_profile = p"))"),
        .init(
            "profiles in a circle", .fails(.configuration),
            config: "[default]\n\(role("a", "source_profile = b"))[profile b]\n\(role("b", "source_profile = default"))"
        ),
        .init("a source profile that is not there", .fails(.configuration), config: "[default]\n\(role("r"))"),
        .init(
            "a source profile without credentials", .fails(.configuration),
            config: "[default]\n\(role("r"))[profile base]\nregion = us-east-1\n"),
        .init(
            "a source profile with half a key", .fails(.configuration), config: "[default]\n\(role("r"))",
            credentials: "[base]\naws_access_key_id = x\n"),
        .init(
            "both kinds of source", .fails(.configuration),
            config: "[default]\n\(role("r"))credential_source = Environment\n", credentials: base),
        .init("no source", .fails(.configuration), config: "[default]\n\(role("r", ""))"),
        .init(
            "the environment as the source", .found("assume-role"), environmentKeys, profile: "p",
            config: "[profile p]\n\(role("r", "credential_source = Environment"))"),
        .init(
            "an environment without keys as the source", .fails(.unavailable), profile: "p",
            config: "[profile p]\n\(role("r", "credential_source = Environment"))"),
        .init(
            "a container as the source", .found("assume-role"),
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "{URL}/container/x"],
            config: "[default]\n\(role("r", "credential_source = EcsContainer"))"),
        .init(
            "an instance as the source", .found("assume-role"),
            ["AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{URL}/imds"],
            config: "[default]\n\(role("r", "credential_source = Ec2InstanceMetadata"))"),
        .init(
            "a source that there is none of", .fails(.configuration),
            config: "[default]\n\(role("r", "credential_source = environment"))"),
        .init(
            "a role with a process for its source", .found("assume-role"),
            config: "[default]\n\(role("r"))[profile base]\ncredential_process = cat {HOME}/o\n",
            files: ["o": output]),
        .init(
            "a role with web identity for its source", .found("assume-role"),
            config: """
                [default]
                \(role("r"))
                [profile base]
                \(role("web", "web_identity_token_file = {HOME}/t"))
                """, files: ["t": "jwt-token"]),
        .init("a role that is refused", .fails(.refused), config: "[default]\n\(role("denied"))", credentials: base),
        .init(
            "STS that is not well", .fails(.unavailable), config: "[default]\n\(role("unavailable"))",
            credentials: base),
        .init(
            "STS that answers with something else", .fails(.unavailable), config: "[default]\n\(role("nonsense"))",
            credentials: base),
        .init(
            "STS without a region", .fails(.configuration), ["AWS_DEFAULT_REGION": "{NOT SET}"],
            config: "[default]\n\(role("r"))", credentials: base),
        .init(
            "a role and keys in one profile", .found("assume-role"),
            config: "[default]\n\(role("r"))\(keys)", credentials: base),
        .init(
            "keys in the environment before a role", .found("env"), environmentKeys,
            config: "[default]\n\(role("r"))", credentials: base),
        .init(
            "a code from a device", .fails(.configuration),
            config: "[default]\n\(role("r"))mfa_serial = arn:aws:iam::1:mfa/u\n", credentials: base),
        .init(
            "STS where the profile says", .found("assume-role"), ["AWS_ENDPOINT_URL_STS": "{NOT SET}"],
            config: "[default]\n\(role("r"))services = here\n[services here]\nsts =\n  endpoint_url = {URL}\n",
            credentials: base),
    ]

    private static let webIdentity = [
        "AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/t", "AWS_ROLE_ARN": "arn:aws:iam::1:role/web",
    ]

    static let webIdentities: [CredentialEnvironment] = [
        .init(
            "web identity", .found("assume-role-with-web-identity"), webIdentity, files: ["t": "head.body&+=.mark"]),
        .init(
            "web identity with a session's name", .found("assume-role-with-web-identity"),
            webIdentity.merging(["AWS_ROLE_SESSION_NAME": "pod"]) { $1 }, files: ["t": "jwt-token"]),
        .init(
            "web identity in a profile", .found("assume-role-with-web-identity"), ["AWS_PROFILE": "p"],
            config: "[profile p]\n\(role("web", "web_identity_token_file = {HOME}/t"))role_session_name = own\n",
            files: ["t": "jwt-token"]),
        .init(
            "web identity in the environment before the profile", .found("assume-role-with-web-identity"), webIdentity,
            config: "[default]\n\(role("other", "web_identity_token_file = {HOME}/absent"))",
            files: ["t": "jwt-token"]),
        .init(
            "web identity before keys in files", .found("assume-role-with-web-identity"), webIdentity,
            credentials: "[default]\n\(keys)", files: ["t": "jwt-token"]),
        .init(
            "web identity without a role", .fails(.configuration), ["AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/t"],
            files: ["t": "jwt-token"]),
        .init("web identity without its file", .fails(.configuration), webIdentity),
        .init(
            "web identity and a profile that an option names", .found("shared-credentials-file"), webIdentity,
            profile: "p", credentials: "[p]\n\(keys)", files: ["t": "jwt-token"]),
        .init(
            "web identity that is refused", .fails(.refused),
            webIdentity.merging(["AWS_ROLE_ARN": "arn:aws:iam::1:role/expired-identity"]) { $1 },
            files: ["t": "jwt-token"]),
    ]
}
