/// Signs requests to one service in one region with Signature Version 4, in the `Authorization` header.
package struct Signer {
    package let region: String
    package let service: String
    private var key: SigningKey
    /// Of the last request: the next one as a rule differs in its body only, as long as the second is the same.
    private var last: Preparation?

    package init(region: String, service: String, hash: HashFunctions) {
        self.region = region
        self.service = service
        key = SigningKey(hash: hash)
    }

    /// - Parameter request: with every header that is to be signed; those of the answer are not among them.
    /// - Returns: the headers to add: `X-Amz-Date`, `X-Amz-Security-Token` for temporary credentials, `Authorization`.
    package mutating func sign(
        _ request: SignableRequest, with credentials: Credentials, at time: Timestamp
    ) -> [(name: String, value: String)] {
        let preparation: Preparation
        if let last, last.isOf(request, credentials, time) {
            preparation = last
        } else {
            preparation = Preparation(request, credentials, time, region: region, service: service)
            last = preparation
        }
        let signature = key.signature(
            of: request.body, under: preparation.head, secret: credentials.secretAccessKey)
        return preparation.added + [(name: "Authorization", value: preparation.authorization + signature)]
    }
}

/// What is known of a request's signature before its body is. Never shown.
private struct Preparation: CustomStringConvertible, CustomReflectable {
    let head: SignedHead
    /// Headers for the request.
    let added: [(name: String, value: String)]
    /// The header's value up to the signature.
    let authorization: String

    private let request: SignableRequest
    private let credentials: Credentials
    private let time: Timestamp

    init(
        _ request: SignableRequest, _ credentials: Credentials, _ time: Timestamp, region: String, service: String
    ) {
        self.request = request.withoutBody
        self.credentials = credentials
        self.time = time
        let time = time.text
        var added = [(name: "X-Amz-Date", value: time)]
        if let token = credentials.sessionToken { added.append((name: "X-Amz-Security-Token", value: token)) }
        self.added = added
        let headers = CanonicalHeaders(request.headers + added) { !Self.unsignedHeaders.contains($0) }
        let scope = CredentialScope(day: String(time.prefix(8)), region: region, service: service)
        head = SignedHead(request, headers: headers, time: time, scope: scope)
        authorization =
            AuthorizationHeader(
                accessKeyID: credentials.accessKeyID, scope: scope, signedHeaders: headers.names, signature: ""
            ).value
    }

    func isOf(_ request: SignableRequest, _ credentials: Credentials, _ time: Timestamp) -> Bool {
        time == self.time && credentials == self.credentials && request.hasSameHead(as: self.request)
    }

    var description: String { "<prepared signature>" }
    var customMirror: Mirror { Mirror(self, children: []) }

    /// What proxies and tracing may change on the way; a signature that covered it would break.
    private static let unsignedHeaders: Set<String> = [
        "baggage", "connection", "expect", "keep-alive", "proxy-authenticate", "proxy-authorization", "te",
        "traceparent", "tracestate", "trailer", "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
    ]
}
