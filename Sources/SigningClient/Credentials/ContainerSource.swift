internal import AWSConfiguration
internal import SigV4

/// The endpoint that ECS and EKS Pod Identity give a container.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
final class ContainerSource: CredentialSource {
    static let name = "container-role"
    static let canonicalName = "EcsContainer"

    private static let relativeHost = "169.254.170.2"
    /// Besides loopback addresses: where a request in the clear may go.
    private static let allowedHosts: Set<String> = [relativeHost, "169.254.170.23", "[fd00:ec2::23]", "localhost"]
    private static let attempts = 3
    private static let attemptTimeout = Duration.seconds(2)
    private static let pause = Duration.seconds(1)

    private let context: SourceContext

    init(_ context: SourceContext) {
        self.context = context
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        guard let url = try Self.url(from: context.settings.environment) else { return nil }
        var headers = [(name: "Accept", value: "application/json")]
        if let token = try await token() { headers.append((name: "Authorization", value: token)) }
        let request = WireRequest(method: .get, url: url, headers: headers, usesProxy: false)
        let persistence = SourceContext.Persistence(attempts: Self.attempts, timeout: Self.attemptTimeout) { _ in
            Self.pause
        }
        let result = await context.send(request, persistence, deadline: deadline) { answer in
            answer.status == 200 && JSONObject(answer.body) != nil
        }
        switch result {
        case .success(let answer): return try read(answer)
        case .failure(let failure):
            throw Self.fault(.unavailable, "the endpoint cannot be asked: \(failure.reason)")
        }
    }

    private func read(_ answer: Answer) throws(CredentialsFault) -> SourcedCredentials {
        guard answer.status == 200 else {
            throw Self.fault(.unavailable, "the endpoint answered with \(answer.status)")
        }
        guard let object = JSONObject(answer.body), let keyID = object.string("AccessKeyId"),
            let secret = object.string("SecretAccessKey"), let token = object.string("Token"),
            let expiration = object.string("Expiration").flatMap(ISO8601.epochSeconds)
        else { throw Self.fault(.unavailable, "the endpoint's answer has no credentials") }
        return SourcedCredentials(
            credentials: Credentials(accessKeyID: keyID, secretAccessKey: secret, sessionToken: token),
            expiration: expiration, source: Self.name)
    }

    /// The file is read each time: what is in it changes.
    private func token() async throws(CredentialsFault) -> String? {
        let environment = context.settings.environment
        var token = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
        if let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] {
            token = try await context.file(at: path, "the container's authorization token file", for: Self.name)
        }
        if let token, token.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw Self.fault(.configuration, "the container's authorization token has a line break or another control")
        }
        return token
    }

    // MARK: Where it is

    /// - Returns: nil where the environment names none.
    static func url(from environment: [String: String]) throws(CredentialsFault) -> String? {
        if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            // Anything else would be taken for a part of the host.
            guard path.hasPrefix("/"), isVisible(path) else {
                throw fault(.configuration, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with a slash")
            }
            return "http://\(relativeHost)\(path)"
        }
        guard let url = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] else { return nil }
        guard let (scheme, host) = parts(of: url), isVisible(url) else {
            throw fault(.configuration, "AWS_CONTAINER_CREDENTIALS_FULL_URI is no http or https URL with a host")
        }
        guard scheme == "https" || isLoopback(host) || allowedHosts.contains(host) else {
            throw fault(
                .configuration,
                """
                AWS_CONTAINER_CREDENTIALS_FULL_URI names a host that may not be asked in the clear: use https, \
                a loopback address, or one of \(allowedHosts.sorted().joined(separator: ", "))
                """)
        }
        return url
    }

    /// In small letters. nil for anything that two readers could take apart differently.
    private static func parts(of url: String) -> (scheme: String, host: String)? {
        let lower = url.lowercased()
        guard let scheme = ["http", "https"].first(where: { lower.hasPrefix("\($0)://") }) else { return nil }
        let authority = lower.dropFirst(scheme.count + 3).prefix { !"/?#\\".contains($0) }
        guard let endpoint = Endpoint(url: "\(scheme)://\(authority)") else { return nil }
        if endpoint.host.hasPrefix("[") {
            return endpoint.host.firstIndex(of: "]").map { end in
                (scheme, String(endpoint.host[...end]))
            }
        }
        return (scheme, String(endpoint.host.prefix { $0 != ":" }))
    }

    private static func isLoopback(_ host: String) -> Bool {
        if host == "[::1]" || host == "[0:0:0:0:0:0:0:1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0).map(String.init) == String($0) }
    }

    private static func isVisible(_ text: String) -> Bool {
        text.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "\\") }
    }

    private static func fault(_ kind: CredentialsFault.Kind, _ reason: String) -> CredentialsFault {
        CredentialsFault(kind, source: name, reason)
    }
}
