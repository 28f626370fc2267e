internal import AWSConfiguration
internal import EventLoop
internal import JSON
internal import LibCrypto

/// The access tokens of `aws sso login`, each in a file that the AWS tools share.
final class SSOTokens {
    private static let cacheDirectory = "~/.aws/sso/cache"
    /// Before a token's expiry, in seconds: from then on another is asked for.
    private static let refreshWindow: Int64 = 15 * 60
    private static let refreshTimeout = Duration.seconds(10)
    private static let refreshAttempts = 2

    private struct Token {
        var accessToken: String
        var expiresAt: Int64
        /// What a refresh needs.
        var registration: Registration?
    }

    private struct Registration {
        var refreshToken: String
        var clientID: String
        var clientSecret: String
        /// As it is in the file.
        var expiresAt: String
    }

    private let context: SourceContext
    /// Where the file could not be written, what should be in it.
    private var unsaved: Token?

    init(_ context: SourceContext) {
        self.context = context
    }

    /// - Parameter session: the sso-session's name; nil for the older way, whose tokens hold until they expire.
    func accessToken(
        startURL: String, region: String, session: String?, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> String {
        let path = path(of: session ?? startURL)
        var token = try await read(path, session ?? startURL)
        if let unsaved, unsaved.expiresAt > token.expiresAt { token = unsaved }
        if session != nil, token.expiresAt - context.now < Self.refreshWindow,
            let fresh = try await refreshed(token, region: region, deadline: deadline)
        {
            token = fresh
            unsaved = await save(fresh, to: path, startURL: startURL, region: region) ? nil : fresh
        }
        guard token.expiresAt > context.now else {
            throw fault(.refused, "the SSO token has expired: run aws sso login")
        }
        return token.accessToken
    }

    private func path(of name: String) -> String {
        let key = lowercaseHex(SHA1.hash(Array(name.utf8)))
        return context.settings.expanded("\(Self.cacheDirectory)/\(key).json")
    }

    private func read(_ path: String, _ name: String) async throws(CredentialsFault) -> Token {
        let text: String
        do throws(CredentialsFault) {
            text = try await context.file(at: path, "the SSO token", for: SSOSource.name)
        } catch {
            throw fault(.configuration, "there is no token for \(name): run aws sso login (\(error.reason))")
        }
        guard let object = JSONObject(Array(text.utf8)), let accessToken = object.string("accessToken"),
            let expiresAt = object.string("expiresAt").flatMap(ISO8601.epochSeconds)
        else { throw fault(.configuration, "\(path) holds no SSO token: run aws sso login") }
        return Token(accessToken: accessToken, expiresAt: expiresAt, registration: Self.registration(in: object))
    }

    private static func registration(in object: JSONObject) -> Registration? {
        guard let refreshToken = object.string("refreshToken"), let clientID = object.string("clientId"),
            let clientSecret = object.string("clientSecret"), let expiresAt = object.string("registrationExpiresAt")
        else { return nil }
        return Registration(
            refreshToken: refreshToken, clientID: clientID, clientSecret: clientSecret, expiresAt: expiresAt)
    }

    // MARK: CreateToken

    /// - Returns: nil where the token cannot be refreshed, or is not: it may still be good.
    private func refreshed(
        _ token: Token, region: String, deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> Token? {
        guard var registration = token.registration, let end = ISO8601.epochSeconds(registration.expiresAt),
            end > context.now
        else { return nil }
        let endpoint = try context.settings.endpoint(of: .ssoOIDC, ssoRegion: region, for: SSOSource.name).endpoint
        let request = WireRequest(
            url: "\(endpoint.url)token",
            headers: [(name: "Host", value: endpoint.host), (name: "Content-Type", value: "application/json")],
            body: Self.body([
                ("clientId", registration.clientID), ("clientSecret", registration.clientSecret),
                ("grantType", "refresh_token"), ("refreshToken", registration.refreshToken),
            ]))
        let persistence = SourceContext.Persistence(attempts: Self.refreshAttempts, timeout: Self.refreshTimeout)
        let result = await context.send(request, persistence, deadline: deadline) { $0.status < 500 }
        guard case .success(let answer) = result, answer.status == 200, let object = JSONObject(answer.body),
            let accessToken = object.string("accessToken"), let seconds = object.integer("expiresIn"),
            0...Self.lifetimeMax ~= seconds
        else { return nil }
        // Without another refresh token this one was the last.
        guard let refreshToken = object.string("refreshToken") else {
            return Token(accessToken: accessToken, expiresAt: context.now + seconds, registration: nil)
        }
        registration.refreshToken = refreshToken
        return Token(accessToken: accessToken, expiresAt: context.now + seconds, registration: registration)
    }

    /// In seconds: ten years.
    private static let lifetimeMax: Int64 = 315_360_000

    /// As the AWS tools write it.
    private func save(_ token: Token, to path: String, startURL: String, region: String) async -> Bool {
        var members = [
            ("startUrl", startURL), ("region", region), ("accessToken", token.accessToken),
            ("expiresAt", ISO8601.text(epochSeconds: token.expiresAt)),
        ]
        if let registration = token.registration {
            members += [
                ("clientId", registration.clientID), ("clientSecret", registration.clientSecret),
                ("registrationExpiresAt", registration.expiresAt), ("refreshToken", registration.refreshToken),
            ]
        }
        let bytes = Self.body(members)
        return await runBlocking(named: "credentials") {
            Result { () throws(SystemError) in try replaceFile(at: path, with: bytes) }
        }.isSuccess
    }

    private static func body(_ members: [(String, String)]) -> [UInt8] {
        let pairs = members.map { "\(JSON.quoted($0.0)): \(JSON.quoted($0.1))" }
        return Array("{\(pairs.joined(separator: ", "))}".utf8)
    }

    private func fault(_ kind: CredentialsFault.Kind, _ reason: String) -> CredentialsFault {
        CredentialsFault(kind, source: SSOSource.name, reason)
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
