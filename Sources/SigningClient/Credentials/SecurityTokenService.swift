internal import AWSConfiguration
internal import LibCrypto
internal import SigV4

/// STS: temporary credentials for a role.
/// https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
struct SecurityTokenService {
    private static let version = "2011-06-15"
    private static let attemptTimeout = Duration.seconds(10)
    /// Besides every answer of 500 and above.
    private static let passingFaults: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "RequestLimitExceeded", "TooManyRequestsException", "PriorRequestNotComplete", "IDPCommunicationError",
    ]

    let context: SourceContext
    /// Which source asks, for faults.
    let source: String

    /// - Parameter signer: nil for calls that are not signed.
    func credentials(
        _ action: String, _ parameters: [(name: String, value: String)], signedWith signer: Credentials?,
        deadline: ContinuousClock.Instant
    ) async throws(CredentialsFault) -> SourcedCredentials {
        let (endpoint, region) = try context.settings.endpoint(of: .sts, for: source)
        let body = Self.form([(name: "Action", value: action), (name: "Version", value: Self.version)] + parameters)
        let request = request(to: endpoint, body: body, region: region, signedWith: signer)
        let persistence = SourceContext.Persistence(
            attempts: context.settings.serviceAttempts, timeout: Self.attemptTimeout
        ) { attempt in
            .seconds(Double.random(in: 0...1) * Double(1 << (attempt - 1)))
        }
        let result = await context.send(request, persistence, deadline: deadline) { answer in
            answer.status < 500 && Self.faultCode(answer).map { !Self.passingFaults.contains($0) } ?? true
        }
        switch result {
        case .success(let answer): return try read(answer, action)
        case .failure(let failure):
            throw fault(.unavailable, "STS at \(endpoint.host) cannot be asked: \(failure.reason)")
        }
    }

    private func request(
        to endpoint: Endpoint, body: [UInt8], region: String, signedWith credentials: Credentials?
    ) -> WireRequest {
        var headers = [
            (name: "Host", value: endpoint.host),
            (name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8"),
        ]
        if let credentials {
            var signer = Signer(region: region, service: "sts", hash: .libcrypto)
            let request = SignableRequest(method: "POST", path: "/", headers: headers, body: body)
            headers += signer.sign(request, with: credentials, at: Timestamp(epochSeconds: context.now))
        }
        return WireRequest(url: endpoint.url, headers: headers, body: body)
    }

    private func read(_ answer: Answer, _ action: String) throws(CredentialsFault) -> SourcedCredentials {
        guard answer.status == 200 else {
            // The message is left out: it may repeat what was sent.
            let code = Self.faultCode(answer).map { ": \($0)" } ?? ""
            throw fault(answer.status >= 500 ? .unavailable : .refused, "\(action) failed with \(answer.status)\(code)")
        }
        let leaves = XMLLeaves(answer.body)
        let prefix = "\(action)Response/\(action)Result/Credentials/"
        guard let leaves, let keyID = leaves[prefix + "AccessKeyId"], let secret = leaves[prefix + "SecretAccessKey"],
            let token = leaves[prefix + "SessionToken"],
            let expiration = leaves[prefix + "Expiration"].flatMap(ISO8601.epochSeconds)
        else { throw fault(.unavailable, "the answer to \(action) has no credentials") }
        return SourcedCredentials(
            credentials: Credentials(accessKeyID: keyID, secretAccessKey: secret, sessionToken: token),
            expiration: expiration, source: source)
    }

    private func fault(_ kind: CredentialsFault.Kind, _ reason: String) -> CredentialsFault {
        CredentialsFault(kind, source: source, reason)
    }

    /// A service's word, so only what looks like a name is taken.
    private static func faultCode(_ answer: Answer) -> String? {
        guard answer.status != 200, let code = XMLLeaves(answer.body)?["ErrorResponse/Error/Code"],
            1...64 ~= code.utf8.count, code.utf8.allSatisfy({ isUnreserved($0) })
        else { return nil }
        return code
    }

    private static func form(_ parameters: [(name: String, value: String)]) -> [UInt8] {
        Array(parameters.map { "\($0.name)=\(percentEncoded($0.value))" }.joined(separator: "&").utf8)
    }
}

/// RFC 3986 §2.3.
private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
        UInt8(ascii: "~"):
        true
    default: false
    }
}

/// For a query or a form: all but the unreserved characters.
func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        isUnreserved(byte) ? String(Unicode.Scalar(byte)) : "%" + lowercaseHex([byte]).uppercased()
    }.joined()
}

extension HashFunctions {
    static var libcrypto: HashFunctions {
        let hasher = SHA256Hasher()
        return HashFunctions(
            sha256: { hasher.digest(of: $0) },
            hmacSHA256: { key in
                let hmac = HMACSHA256(key: key)
                return { hmac.code(of: $0) }
            })
    }
}
