/// Signs requests to one service in one region with Signature Version 4, in the `Authorization` header.
package struct Signer {
    package let region: String
    package let service: String
    private var scope: CredentialScope
    private var key: SigningKey

    package init(region: String, service: String, hash: HashFunctions) {
        self.region = region
        self.service = service
        scope = CredentialScope(day: "", region: region, service: service)
        key = SigningKey(hash: hash)
    }

    /// - Parameter request: with every header that is to be signed; those of the answer are not among them.
    /// - Returns: the headers to add: `X-Amz-Date`, `X-Amz-Security-Token` for temporary credentials, `Authorization`.
    package mutating func sign(
        _ request: SignableRequest, with credentials: Credentials, at time: Timestamp
    ) -> [(name: String, value: String)] {
        let time = time.text
        var added = [(name: "X-Amz-Date", value: time)]
        if let token = credentials.sessionToken { added.append((name: "X-Amz-Security-Token", value: token)) }

        let headers = CanonicalHeaders(request.headers + added) { !Self.unsignedHeaders.contains($0) }
        let day = String(time.prefix(8))
        if day != scope.day { scope = CredentialScope(day: day, region: region, service: service) }
        let signature = key.signature(
            of: request, headers: headers, time: time, scope: scope, secret: credentials.secretAccessKey)
        let authorization = AuthorizationHeader(
            accessKeyID: credentials.accessKeyID, scope: scope, signedHeaders: headers.names, signature: signature)
        added.append((name: "Authorization", value: authorization.value))
        return added
    }

    /// What proxies and tracing may change on the way; a signature that covered it would break.
    private static let unsignedHeaders: Set<String> = [
        "baggage", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]
}
