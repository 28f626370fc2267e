/// Checks the signatures of received requests as AWS does, for one service in one region.
///
/// For a stand-in of AWS, not for guarding anything: signatures are not compared in constant time.
package struct Verifier {
    package let region: String
    package let service: String
    private let credentials: [String: Credentials]
    private let hash: HashFunctions
    private var key: SigningKey

    /// How far the request's time may be from the verifier's, either way: what AWS allows.
    package static let clockSkewSecondsMax: Int64 = 300

    /// - Parameter credentials: whose signatures are good. Of two with one access key ID the later counts.
    package init(region: String, service: String, credentials: [Credentials], hash: HashFunctions) {
        self.region = region
        self.service = service
        self.credentials = Dictionary(credentials.map { ($0.accessKeyID, $0) }) { $1 }
        self.hash = hash
        key = SigningKey(hash: hash)
    }

    /// - Parameter request: with all headers that came, `Authorization` included.
    /// - Throws: the first fault found; the signature itself is looked at last.
    package mutating func verify(_ request: SignableRequest, at now: Timestamp) throws(VerificationFault) {
        guard let value = try request.value(ofOnly: "authorization") else { throw .missingAuthorization }
        guard let authorization = AuthorizationHeader(value), let time = try request.value(ofOnly: "x-amz-date"),
            let timestamp = Timestamp(time)
        else { throw .malformed }

        let scope = CredentialScope(day: String(time.prefix(8)), region: region, service: service)
        guard authorization.scope == scope else { throw .wrongScope }
        if timestamp.epochSeconds < now.epochSeconds - Self.clockSkewSecondsMax { throw .expired }
        if timestamp.epochSeconds > now.epochSeconds + Self.clockSkewSecondsMax { throw .notYetCurrent }

        guard let credentials = credentials[authorization.accessKeyID],
            try request.value(ofOnly: "x-amz-security-token") == credentials.sessionToken
        else { throw .unknownCredentials }

        let covered = Set(authorization.signedHeaders.split(separator: ";").map(String.init))
        let headers = CanonicalHeaders(request.headers) { covered.contains($0) }
        guard headers.names == authorization.signedHeaders, request.mustBeSigned.isSubset(of: covered) else {
            throw .wrongSignedHeaders
        }
        var head = SignedHead(request, headers: headers, time: time, scope: scope)
        let signature = head.signature(
            of: request.body.span, sha256: hash.sha256,
            sign: key.derived(from: credentials.secretAccessKey, for: scope))
        guard signature.text == authorization.signature else { throw .wrongSignature }
    }
}

/// Why a signature is refused.
package enum VerificationFault: Error, Sendable, Hashable, CaseIterable {
    /// There is no `Authorization` header.
    case missingAuthorization
    /// The `Authorization` or `X-Amz-Date` header is no such thing, or there are several.
    case malformed
    /// Signed for another day than the request's, another region or another service.
    case wrongScope
    /// Signed too long ago.
    case expired
    /// Signed in the future.
    case notYetCurrent
    /// An unknown access key ID, or not its session token.
    case unknownCredentials
    /// A header is signed that did not come, or one that must be signed is not.
    case wrongSignedHeaders
    case wrongSignature
}

extension SignableRequest {
    /// - Parameter name: in lower case.
    /// - Throws: `.malformed` where there are several.
    fileprivate func value(ofOnly name: String) throws(VerificationFault) -> String? {
        let values = headers.filter { $0.name.lowercased() == name }
        guard values.count <= 1 else { throw .malformed }
        return values.first?.value
    }

    /// The lower-case names of the headers that AWS insists on.
    fileprivate var mustBeSigned: Set<String> {
        Set(headers.map { $0.name.lowercased() }.filter { $0.hasPrefix("x-amz-") }).union(["host"])
    }
}
