import AWSConfiguration
import EventLoop
import Foundation
import SigV4
import Testing
import TestSupport

@testable import SigningClient

/// Loads from the sources of one chain, one after the other, with steps between them.
func loads(
    _ environment: CredentialEnvironment, home: TemporaryDirectory, url: String,
    _ steps: [@Sendable () throws -> Void] = []
) throws -> [Outcome] {
    let settings = try LaidOutEnvironment(environment, home: home.path, url: url).settings()
    return try EventLoop.run { loop in
        let chain = CredentialsChain(settings, on: loop)
        var outcomes = [await Outcome(of: chain)]
        for step in steps {
            try step()
            outcomes.append(await Outcome(of: chain))
        }
        return outcomes
    }
}

extension Outcome {
    init(of source: any CredentialSource) async {
        do throws(CredentialsFault) {
            guard let loaded = try await source.load(deadline: .now + .seconds(30)) else {
                self.init(kind: .none, fault: source.complaint.map { CredentialsFault(.none, $0) })
                return
            }
            self.init(
                kind: .found, source: loaded.source, keyID: loaded.credentials.accessKeyID,
                secret: loaded.credentials.secretAccessKey, token: loaded.credentials.sessionToken,
                expiration: loaded.expiration)
        } catch {
            self.init(kind: .failed, fault: error)
        }
    }
}

struct CredentialSourceTests {
    // MARK: What is read again at each refresh

    @Test func `a web identity token's file`() throws {
        let (stub, home) = (try AWSStub.start(), try TemporaryDirectory())
        let environment = CredentialEnvironment(
            "", .none,
            ["AWS_WEB_IDENTITY_TOKEN_FILE": "{HOME}/t", "AWS_ROLE_ARN": "arn:aws:iam::1:role/web"],
            files: ["t": "first-token"])
        let outcomes = try loads(environment, home: home, url: stub.url, [{ try home.write("second-token", to: "t") }])
        #expect(outcomes.map(\.secret) == ["web - first-token - - - -", "web - second-token - - - -"])
        #expect(stub.requests.allSatisfy { $0.values(of: "Authorization").isEmpty })
    }

    @Test func `a container's token file`() throws {
        let (stub, home) = (try AWSStub.start(), try TemporaryDirectory())
        let environment = CredentialEnvironment(
            "", .none,
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "{URL}/container",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{HOME}/t",
            ], files: ["t": "first"])
        let outcomes = try loads(environment, home: home, url: stub.url, [{ try home.write("second", to: "t") }])
        #expect(outcomes.map(\.secret) == ["first", "second"])
    }

    @Test func `only the source that had credentials is asked again`() throws {
        let (stub, home) = (try AWSStub.start(), try TemporaryDirectory())
        let environment = CredentialEnvironment(
            "", .none, config: "[default]\ncredential_process = cat {HOME}/o\n",
            files: ["o": #"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"s"}"#])
        let outcomes = try loads(
            environment, home: home, url: stub.url, [{ try FileManager.default.removeItem(atPath: home.file("o")) }])
        #expect(outcomes.map(\.kind) == [.found, .failed])
        #expect(
            outcomes[1].fault == CredentialsFault(.unavailable, source: "custom-process", "cat ended with exit code 1"))
    }

    // MARK: Single sign-on

    @Test func `a renewed SSO token is kept for all tools`() throws {
        let (stub, home) = (try AWSStub.start(), try TemporaryDirectory())
        let environment = try #require(
            CredentialEnvironment.signOns.first { $0.name == "an SSO session that is renewed" })
        let outcomes = try loads(environment, home: home, url: stub.url, [{}])
        #expect(outcomes.map(\.secret) == Array(repeating: "renewed-token 123456789012", count: 2))
        #expect(stub.requests.count { $0.line.contains("/token") } == 1)
        let directory = home.file(".aws/sso/cache")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(names.count == 1)
        let path = "\(directory)/\(names[0])"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let kept = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(kept["accessToken"] == "renewed-token")
        #expect(kept["refreshToken"] == "next-refresh")
        #expect(kept["startUrl"] == "https://example.awsapps.com/start")
        #expect(kept["region"] == "eu-west-1")
        #expect(kept["expiresAt"].flatMap(ISO8601.epochSeconds) ?? 0 > 1_700_000_000)
    }

    // MARK: Instance metadata

    @Test func `the metadata service's session token is kept`() throws {
        let (stub, home) = (try AWSStub.start(), try TemporaryDirectory())
        let environment = CredentialEnvironment(
            "", .none, ["AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{URL}/imds"])
        let outcomes = try loads(environment, home: home, url: stub.url, [{}, {}])
        #expect(outcomes.map(\.source) == ["iam-role", "iam-role", "iam-role"])
        let methods = stub.requests.map { String($0.line.prefix { $0 != " " }) }
        #expect(methods == ["PUT"] + Array(repeating: "GET", count: 6))
    }

    @Test func `expired credentials of an instance get some time more`() throws {
        let (stub, home) = (try AWSStub.start(), try TemporaryDirectory())
        let environment = CredentialEnvironment(
            "", .none, ["AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{URL}/imds-expired"])
        let before = wallClockMicroseconds() / 1_000_000
        let expiration = try #require(try loads(environment, home: home, url: stub.url)[0].expiration)
        let after = wallClockMicroseconds() / 1_000_000
        #expect((before + 1020...after + 1500).contains(expiration))
    }

    @Test func `a metadata service that never answers is given up within its time`() throws {
        let silent = try StubServer { _ in [.waitForClose] }
        let home = try TemporaryDirectory()
        let environment = CredentialEnvironment(
            "", .none, ["AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{URL}/imds"])
        let outcome = try loads(environment, home: home, url: silent.url)[0]
        #expect(outcome.kind == .none)
        #expect(outcome.fault?.reason == "the instance metadata service gives none: no answer in time")
        #expect(silent.requests.map(\.line) == ["PUT /imds/latest/api/token HTTP/1.1"])
    }

    struct Patience: Sendable, CustomTestStringConvertible {
        var variables: [String: String]
        var timeout: Duration
        var attempts: Int
        var inAll: Duration
        var url = "http://169.254.169.254/"

        var testDescription: String { "\(variables)" }
    }

    @Test(arguments: [
        Patience(variables: [:], timeout: .seconds(1), attempts: 1, inAll: .seconds(2)),
        Patience(
            variables: ["AWS_METADATA_SERVICE_TIMEOUT": "3", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "2"],
            timeout: .seconds(3), attempts: 2, inAll: .seconds(6)),
        Patience(
            variables: ["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"], timeout: .seconds(1), attempts: 1,
            inAll: .seconds(2), url: "http://[fd00:ec2::254]/"),
        Patience(
            variables: ["AWS_IMDS_USE_IPV6": "true"], timeout: .seconds(1), attempts: 1, inAll: .seconds(2),
            url: "http://[fd00:ec2::254]/"),
        Patience(
            variables: [
                "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6",
                "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1/a",
            ], timeout: .seconds(1), attempts: 1, inAll: .seconds(2), url: "http://127.0.0.1:1/a/"),
    ])
    func `how the metadata service is asked`(row: Patience) throws {
        let settings = CredentialsSettings(environment: row.variables, shared: .init())
        let setting = try #require(try InstanceMetadataSource.Setting(settings))
        #expect(setting.timeout == row.timeout)
        #expect(setting.attempts == row.attempts)
        #expect(setting.patience == row.inAll)
        #expect(setting.url == row.url)
        #expect(!setting.allowsVersion1)
    }

    @Test(arguments: [
        ["AWS_METADATA_SERVICE_TIMEOUT": "0"], ["AWS_METADATA_SERVICE_NUM_ATTEMPTS": "many"],
        ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "169.254.169.254"],
        ["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://user@host/"],
    ])
    func `settings of the metadata service that cannot be`(variables: [String: String]) {
        #expect(throws: CredentialsFault.self) {
            try InstanceMetadataSource.Setting(CredentialsSettings(environment: variables, shared: .init()))
        }
    }

    // MARK: Containers

    @Test(arguments: [
        "https://example.org/a", "http://127.0.0.1/a", "http://127.255.0.9:80/", "http://localhost:8080",
        "http://LOCALHOST/", "http://[::1]:9/", "http://169.254.170.2/a?b=c", "http://169.254.170.23/v1/credentials",
        "http://[fd00:ec2::23]/v1/credentials",
    ])
    func `a container's endpoint`(url: String) throws {
        #expect(try ContainerSource.url(from: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url]) == url)
    }

    @Test(arguments: [
        "http://example.org/", "http://127.0.0.1.example.org/", "http://127.0.0.01/", "http://localhost.example/",
        "http://127.0.0.1@example.org/", "http://[fd00:ec2::24]/", "http://169.254.170.3/", "ftp://127.0.0.1/",
        "http://", "http://127.0.0.1\\@example.org/", "http://127.0.0.1/a b", "/a", "", "http://127.1/",
    ])
    func `where a container's endpoint may not be`(url: String) {
        #expect(throws: CredentialsFault.self) {
            try ContainerSource.url(from: ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        }
    }

    @Test func `a container's endpoint by its path, which is before a whole address`() throws {
        let variables = [
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/c?id=1", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x",
        ]
        #expect(try ContainerSource.url(from: variables) == "http://169.254.170.2/v2/c?id=1")
        #expect(throws: CredentialsFault.self) {
            try ContainerSource.url(from: ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": ".example.org/"])
        }
    }

    // MARK: Processes

    @Test(arguments: [
        ("a process that never ends", "sleep 1000", Duration.milliseconds(50), "sleep did not end in time"),
        ("a process that writes without end", "yes", .seconds(30), "yes wrote more than 65536 bytes"),
        ("a process that is killed", "sh -c 'kill -9 $$'", .seconds(30), "sh was ended by signal 9"),
        ("a process whose child goes on", "sh -c 'sleep 1000 & exit 4'", .seconds(30), "sh ended with exit code 4"),
        // proc(5): the sixth field is the session.
        (
            "a process that begins a session, and so has no terminal to ask on",
            "sh -c 'read -r _ _ _ _ _ session _ </proc/$$/stat; exit $((session == $$ ? 5 : 6))'",
            .seconds(30), "sh ended with exit code 5"
        ),
    ])
    func `processes that are no good`(name: String, command: String, time: Duration, reason: String) throws {
        let home = try TemporaryDirectory()
        let environment = CredentialEnvironment(name, .none, config: "[default]\ncredential_process = \(command)\n")
        let settings = try LaidOutEnvironment(environment, home: home.path, url: "").settings()
        let fault = try EventLoop.run { loop in
            do throws(CredentialsFault) {
                _ = try await ProcessSource(settings, profile: "default").load(deadline: .now + time)
                return nil as CredentialsFault?
            } catch {
                return error
            }
        }
        #expect(fault == CredentialsFault(.unavailable, source: "custom-process", reason))
    }

    // MARK: Secrets

    @Test func `no fault shows a secret`() throws {
        let stub = try AWSStub.start()
        let secrets = [
            "env-secret", "file-secret", "hush", "jwt-token", "old-token", "refused-token", "good-refresh",
            "bad-refresh", "base-token", "first-token",
        ]
        for environment in CredentialEnvironment.all {
            let home = try TemporaryDirectory()
            let laidOut = try LaidOutEnvironment(environment, home: home.path, url: stub.url)
            guard let fault = try laidOut.load().fault else { continue }
            let shown = secrets.filter { "\(fault)".contains($0) && !environment.isWithout($0) }
            #expect(shown == [], "\(environment.name): \(fault)")
        }
    }
}

extension CredentialEnvironment {
    /// Whether a text is in nothing that was set up.
    fileprivate func isWithout(_ text: String) -> Bool {
        !(variables.values.contains { $0.contains(text) } || files.values.contains { $0.contains(text) })
            && text != "hush"
    }
}
