/// Signs requests to one service in one region with Signature Version 4, in the `Authorization` header.
package struct Signer {
    package let region: String
    package let service: String
    private let hash: HashFunctions
    private var key: SigningKey

    package init(region: String, service: String, hash: HashFunctions) {
        self.region = region
        self.service = service
        self.hash = hash
        key = SigningKey(hash: hash)
    }

    /// - Parameter request: with every header that is to be signed; those of the answer are not among them.
    /// - Returns: the headers to add: `X-Amz-Date`, `X-Amz-Security-Token` for temporary credentials, `Authorization`.
    package mutating func sign(
        _ request: SignableRequest, with credentials: Credentials, at time: Timestamp
    ) -> [(name: String, value: String)] {
        var head = prepare(request, with: credentials, at: time)
        let signature = head.signature(of: request.body.span)
        return head.added + [(name: "Authorization", value: head.authorization + signature.text)]
    }

    /// Does what does not depend on the request's body, for all requests that differ in nothing else.
    package mutating func prepare(
        _ request: SignableRequest, with credentials: Credentials, at time: Timestamp
    ) -> PreparedSignature {
        let time = time.text
        var added = [(name: "X-Amz-Date", value: time)]
        if let token = credentials.sessionToken { added.append((name: "X-Amz-Security-Token", value: token)) }
        let headers = CanonicalHeaders(request.headers + added) { !Self.unsignedHeaders.contains($0) }
        let scope = CredentialScope(day: String(time.prefix(8)), region: region, service: service)
        let authorization = AuthorizationHeader(
            accessKeyID: credentials.accessKeyID, scope: scope, signedHeaders: headers.names, signature: "")
        return PreparedSignature(
            added: added, authorization: authorization.value,
            head: SignedHead(request, headers: headers, time: time, scope: scope), sha256: hash.sha256,
            sign: key.derived(from: credentials.secretAccessKey, for: scope))
    }

    /// What proxies and tracing may change on the way; a signature that covered it would break.
    private static let unsignedHeaders: Set<String> = [
        "baggage", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]
}

/// What is known of requests' signatures before their bodies are. Never shown.
package struct PreparedSignature: CustomStringConvertible, CustomReflectable {
    /// Headers for the requests, besides `Authorization`.
    package let added: [(name: String, value: String)]
    /// The value of `Authorization` up to the signature.
    package let authorization: String

    private var head: SignedHead
    private let sha256: HashFunctions.Digest
    private let sign: HashFunctions.Digest

    fileprivate init(
        added: [(name: String, value: String)], authorization: String, head: SignedHead,
        sha256: @escaping HashFunctions.Digest, sign: @escaping HashFunctions.Digest
    ) {
        self.added = added
        self.authorization = authorization
        self.head = head
        self.sha256 = sha256
        self.sign = sign
    }

    package mutating func signature(of body: Span<UInt8>) -> Signature {
        head.signature(of: body, sha256: sha256, sign: sign)
    }

    package var description: String { "<prepared signature>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
