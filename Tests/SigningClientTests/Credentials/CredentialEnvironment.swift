import AWSConfiguration
import EventLoop
import Foundation
import SigV4
import SigningClient
import Testing
import TestSupport

/// What somebody may have set up, and what is to be found there.
struct CredentialEnvironment: CustomTestStringConvertible, Sendable {
    enum Expectation: Sendable {
        case found(String)
        /// Credentials that botocore does not find, or the other way round; why.
        case differs(ours: Outcome.Kind, botocore: Outcome.Kind, String)
        case none
        case fails(CredentialsFault.Kind)
    }

    var name: String
    /// `{HOME}` and `{URL}` stand for the home directory and the stub's address, here and in the files.
    var variables: [String: String] = [:]
    /// By their names: `config` and `credentials` in `~/.aws`, others in the home directory.
    var files: [String: String] = [:]
    /// That an option names.
    var profile: String?
    var expectation: Expectation

    var testDescription: String { name }

    init(
        _ name: String, _ expectation: Expectation, _ variables: [String: String] = [:], profile: String? = nil,
        config: String? = nil, credentials: String? = nil, files: [String: String] = [:]
    ) {
        self.name = name
        self.expectation = expectation
        self.variables = variables
        self.profile = profile
        self.files = files
        self.files[".aws/config"] = config
        self.files[".aws/credentials"] = credentials
    }
}

/// The same environment, laid out on the disk for one of the two.
struct LaidOutEnvironment: Encodable, Sendable {
    let variables: [String: String]
    let profile: String?

    init(_ environment: CredentialEnvironment, home: String, url: String) throws {
        let fill: (String) -> String = {
            $0.replacingOccurrences(of: "{HOME}", with: home).replacingOccurrences(of: "{URL}", with: url)
        }
        try FileManager.default.createDirectory(
            atPath: "\(home)/.aws/sso/cache", withIntermediateDirectories: true)
        for (name, text) in environment.files {
            try fill(text).write(toFile: "\(home)/\(name)", atomically: false, encoding: .utf8)
        }
        let common = [
            "HOME": home, "PATH": Locations.path, "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL_STS": url, "AWS_ENDPOINT_URL_SSO": url,
            "AWS_ENDPOINT_URL_SSO_OIDC": url, "AWS_MAX_ATTEMPTS": "1",
        ]
        variables = common.merging(environment.variables.mapValues(fill)) { $1 }.filter { $0.value != "{NOT SET}" }
        profile = environment.profile
    }

    func settings() throws -> CredentialsSettings {
        let paths = SharedConfiguration.paths(environment: variables)
        let texts = [paths.config, paths.credentials].map { path in
            path.flatMap { try? String(contentsOfFile: $0, encoding: .utf8) }
        }
        return CredentialsSettings(
            environment: variables, shared: try SharedConfiguration(config: texts[0], credentials: texts[1]),
            explicitProfile: profile)
    }

    /// What our chain finds.
    func load() throws -> Outcome {
        let settings = try settings()
        return try EventLoop.run { loop in
            let chain = CredentialsChain(settings, on: loop)
            do throws(CredentialsFault) {
                guard let loaded = try await chain.load(deadline: .now + .seconds(30)) else {
                    return Outcome(kind: .none)
                }
                return Outcome(
                    kind: .found, source: loaded.source, keyID: loaded.credentials.accessKeyID,
                    secret: loaded.credentials.secretAccessKey, token: loaded.credentials.sessionToken,
                    expiration: loaded.expiration)
            } catch {
                return Outcome(kind: .failed, fault: error)
            }
        }
    }
}

/// What was found.
struct Outcome: Sendable {
    enum Kind: String, Decodable, Sendable {
        case found
        case none
        case failed
    }

    var kind: Kind
    var source: String?
    var keyID: String?
    var secret: String?
    var token: String?
    var expiration: Int64?
    var fault: CredentialsFault?
}

/// What botocore found.
struct BotocoreOutcome: Decodable, Sendable {
    var kind: Outcome.Kind
    var source: String?
    var keyID: String?
    var secret: String?
    var token: String?
    var expiration: Int64?
    /// The exception's type.
    var failure: String?

    /// One outcome an environment, each of a process of its own.
    static func all(_ environments: [LaidOutEnvironment]) throws -> [BotocoreOutcome] {
        let directory = try TemporaryDirectory()
        let file = try directory.write(
            String(decoding: JSONEncoder().encode(environments), as: UTF8.self), to: "environments.json")
        let output = try Python.run(program, [file])
        return try JSONDecoder().decode([BotocoreOutcome].self, from: Data(output.utf8))
    }

    /// Which faults of ours are of the same kind.
    var kinds: Set<CredentialsFault.Kind> {
        switch failure {
        case "PartialCredentialsError", "InvalidConfigError", "ProfileNotFound", "InfiniteLoopConfigError",
            "InvalidIMDSEndpointModeError", "FileNotFoundError", "SSOTokenLoadError", "NoRegionError", "ParserError",
            "EOFError", "MissingDependencyException", "ValueError":
            [.configuration]
        case "ClientError", "UnauthorizedSSOTokenError", "TokenRetrievalError": [.refused]
        case "CredentialRetrievalError", "KeyError", "RuntimeError", "JSONDecodeError", "ServerError",
            "ResponseParserError":
            [.unavailable]
        default: []
        }
    }

    private static let program = """
        import concurrent.futures, datetime, json, os, sys
        import botocore.session, botocore.credentials, botocore.exceptions, botocore.tokens
        from multiprocessing import get_context

        def find(environment):
            os.environ.clear()
            os.environ.update(environment["variables"])
            cache = os.path.expanduser("~/.aws/sso/cache")
            botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR = cache
            botocore.tokens.SSOTokenProvider._SSO_TOKEN_CACHE_DIR = cache
            try:
                credentials = botocore.session.Session(profile=environment.get("profile")).get_credentials()
                if credentials is None:
                    return {"kind": "none"}
                frozen = credentials.get_frozen_credentials()
                expiry = getattr(credentials, "_expiry_time", None)
                return {
                    "kind": "found", "source": credentials.method, "keyID": frozen.access_key,
                    "secret": frozen.secret_key, "token": frozen.token,
                    "expiration": None if expiry is None else int(expiry.timestamp()),
                }
            except botocore.exceptions.ClientError as error:
                isDown = error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500
                return {"kind": "failed", "failure": "ServerError" if isDown else "ClientError"}
            except Exception as error:
                return {"kind": "failed", "failure": type(error).__name__}

        with open(sys.argv[1]) as file:
            environments = json.load(file)
        sys.stdin.close()
        sys.stdin = open(os.devnull)
        with get_context("fork").Pool(3, maxtasksperchild=1) as pool:
            print(json.dumps(pool.map(find, environments, chunksize=1)))
        """
}
