internal import SigV4

/// EC2's instance metadata service, version 2: a session token first, then the instance's role.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
///
/// Where nothing answers, this is no EC2 instance: no fault, only no credentials here.
final class InstanceMetadataSource: CredentialSource {
    static let name = "iam-role"
    static let canonicalName = "Ec2InstanceMetadata"

    /// In all, where the service does not answer and nobody asked for more patience.
    static let unreachableMax = Duration.seconds(2)
    private static let defaultTimeout = Duration.seconds(1)
    private static let credentialsPath = "latest/meta-data/iam/security-credentials/"
    /// Of the session token, in seconds: six hours, of which the last minute is not used.
    private static let tokenLifetime: Int64 = 21_600
    private static let tokenReserve: Int64 = 60
    /// Given to credentials that come expired, in seconds: the service itself may be in trouble, and EC2 takes them.
    private static let extensionMin: Int64 = 15 * 60 + 120
    private static let extensionMax: Int64 = 15 * 60 + 600

    private let context: SourceContext
    private var token: (text: String, usableUntil: Int64)?
    private(set) var complaint: String?

    init(_ context: SourceContext) {
        self.context = context
    }

    struct Setting {
        /// Ends with a slash.
        var url: String
        var timeout: Duration
        var attempts: Int
        /// Version 1, without a session token, where somebody asked for it.
        var allowsVersion1: Bool

        /// nil where the service is switched off.
        init?(_ settings: CredentialsSettings) throws(CredentialsFault) {
            if settings["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" { return nil }
            url = try Self.url(settings)
            let timeout = settings.value(
                of: "AWS_METADATA_SERVICE_TIMEOUT", orProfile: "metadata_service_timeout")
            let attempts = settings.value(
                of: "AWS_METADATA_SERVICE_NUM_ATTEMPTS", orProfile: "metadata_service_num_attempts")
            self.timeout =
                try Self.positive(timeout, "AWS_METADATA_SERVICE_TIMEOUT").map { .seconds($0) }
                ?? InstanceMetadataSource.defaultTimeout
            self.attempts = try Self.positive(attempts, "AWS_METADATA_SERVICE_NUM_ATTEMPTS") ?? 1
            let isDisabled = settings.value(of: "AWS_EC2_METADATA_V1_DISABLED", orProfile: "ec2_metadata_v1_disabled")
            allowsVersion1 = isDisabled?.lowercased() == "false"
        }

        /// For finding out that nothing answers.
        var patience: Duration { max(InstanceMetadataSource.unreachableMax, timeout * attempts) }

        private static func url(_ settings: CredentialsSettings) throws(CredentialsFault) -> String {
            let endpoint = settings.value(
                of: "AWS_EC2_METADATA_SERVICE_ENDPOINT", orProfile: "ec2_metadata_service_endpoint")
            let mode = settings.value(
                of: "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", orProfile: "ec2_metadata_service_endpoint_mode")
            let usesIPv6 = settings.value(of: "AWS_IMDS_USE_IPV6", orProfile: "imds_use_ipv6")
            let isIPv6 = mode.map { $0.lowercased() == "ipv6" } ?? (usesIPv6?.lowercased() == "true")
            if let mode, !["ipv4", "ipv6"].contains(mode.lowercased()) {
                throw fault("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE is neither ipv4 nor ipv6")
            }
            guard let endpoint else { return isIPv6 ? "http://[fd00:ec2::254]/" : "http://169.254.169.254/" }
            let lower = endpoint.lowercased()
            guard lower.hasPrefix("http://") || lower.hasPrefix("https://"),
                endpoint.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), !endpoint.contains("@")
            else { throw fault("AWS_EC2_METADATA_SERVICE_ENDPOINT is no http or https URL") }
            return endpoint.hasSuffix("/") ? endpoint : endpoint + "/"
        }

        private static func positive(_ text: String?, _ variable: String) throws(CredentialsFault) -> Int? {
            guard let text else { return nil }
            guard let number = Int(text), 1...3600 ~= number else { throw fault("\(variable) is no number from 1 on") }
            return number
        }

        private static func fault(_ reason: String) -> CredentialsFault {
            CredentialsFault(.configuration, source: InstanceMetadataSource.name, reason)
        }
    }

    func load(deadline: ContinuousClock.Instant) async throws(CredentialsFault) -> SourcedCredentials? {
        complaint = nil
        guard let setting = try Setting(context.settings) else {
            complaint = "the instance metadata service is switched off"
            return nil
        }
        do throws(Silence) {
            return try await credentials(setting, deadline: deadline)
        } catch {
            complaint = "the instance metadata service gives none: \(error.reason)"
            return nil
        }
    }

    /// Why the service has nothing for us.
    private struct Silence: Error {
        var reason: String
    }

    private func credentials(
        _ setting: Setting, deadline: ContinuousClock.Instant
    ) async throws(Silence) -> SourcedCredentials {
        let token = try await sessionToken(setting, deadline: deadline)
        let list = try await get("", token, setting, deadline: deadline) { !$0.body.isEmpty }
        let role = String(decoding: list.body, as: UTF8.self)
        guard role.utf8.allSatisfy({ 0x21...0x7E ~= $0 && !"/?#%".utf8.contains($0) }) else {
            throw Silence(reason: "the role's name is none")
        }
        let answer = try await get(role, token, setting, deadline: deadline) { JSONObject($0.body) != nil }
        guard let object = JSONObject(answer.body), let keyID = object.string("AccessKeyId"),
            let secret = object.string("SecretAccessKey"), let sessionToken = object.string("Token"),
            let expiration = object.string("Expiration").flatMap(ISO8601.epochSeconds)
        else { throw Silence(reason: "the role has no credentials") }
        return SourcedCredentials(
            credentials: Credentials(accessKeyID: keyID, secretAccessKey: secret, sessionToken: sessionToken),
            expiration: extended(expiration), source: Self.name)
    }

    private func extended(_ expiration: Int64) -> Int64 {
        expiration > context.now ? expiration : context.now + Int64.random(in: Self.extensionMin...Self.extensionMax)
    }

    /// - Returns: nil for version 1.
    private func sessionToken(
        _ setting: Setting, deadline: ContinuousClock.Instant
    ) async throws(Silence) -> String? {
        if let token, token.usableUntil > context.now { return token.text }
        let request = WireRequest(
            method: .put, url: setting.url + "latest/api/token",
            headers: [(name: "x-aws-ec2-metadata-token-ttl-seconds", value: String(Self.tokenLifetime))],
            usesProxy: false)
        let result = await context.send(
            request, SourceContext.Persistence(attempts: setting.attempts, timeout: setting.timeout),
            deadline: min(deadline, .now + setting.patience)
        ) { $0.status < 500 && $0.status != 429 }
        switch result {
        case .success(let answer) where answer.status == 200:
            let text = String(decoding: answer.body, as: UTF8.self)
            guard !text.isEmpty, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
                throw Silence(reason: "its session token is none")
            }
            token = (text, context.now + Self.tokenLifetime - Self.tokenReserve)
            return text
        case .success(let answer) where setting.allowsVersion1 && answer.status != 400: return nil
        case .failure where setting.allowsVersion1: return nil
        case .success(let answer): throw Silence(reason: "it answered with \(answer.status) to the wish for a token")
        case .failure(let failure): throw Silence(reason: failure.reason)
        }
    }

    private func get(
        _ role: String, _ token: String?, _ setting: Setting, deadline: ContinuousClock.Instant,
        isUseful: (Answer) -> Bool
    ) async throws(Silence) -> Answer {
        let headers = token.map { [(name: "x-aws-ec2-metadata-token", value: $0)] } ?? []
        let request = WireRequest(
            method: .get, url: setting.url + Self.credentialsPath + role, headers: headers, usesProxy: false)
        let result = await context.send(
            request, SourceContext.Persistence(attempts: setting.attempts, timeout: setting.timeout),
            deadline: deadline
        ) { $0.status == 401 || ($0.status == 200 && isUseful($0)) }
        switch result {
        case .success(let answer) where answer.status == 200 && isUseful(answer): return answer
        case .success(let answer):
            // The session has ended before its time: the next load begins another.
            if answer.status == 401 { self.token = nil }
            throw Silence(
                reason: "it answered with \(answer.status)\(answer.status == 200 ? ", but not as it should" : "")")
        case .failure(let failure): throw Silence(reason: failure.reason)
        }
    }
}
