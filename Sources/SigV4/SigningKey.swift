/// What signs every request of one scope: derived from the secret access key by four HMACs, so the last one is kept.
///
/// The closures keep the key itself out of reach, and the secret that it was made from is not shown.
struct SigningKey: CustomStringConvertible, CustomReflectable {
    private let hash: HashFunctions
    private var last: (secret: String, scope: CredentialScope, sign: HashFunctions.Digest)?

    init(hash: HashFunctions) {
        self.hash = hash
    }

    /// - Returns: 64 lower-case hexadecimal digits.
    mutating func signature(of body: [UInt8], under head: SignedHead, secret: String) -> String {
        var canonical = head.canonicalRequest
        appendLowercaseHex(hash.sha256(body.span), to: &canonical)
        var stringToSign = head.stringToSign
        appendLowercaseHex(hash.sha256(canonical.span), to: &stringToSign)
        var signature: [UInt8] = []
        appendLowercaseHex(derived(from: secret, for: head.scope)(stringToSign.span), to: &signature)
        return String(decoding: signature, as: UTF8.self)
    }

    private mutating func derived(from secret: String, for scope: CredentialScope) -> HashFunctions.Digest {
        if let last, last.scope == scope, last.secret == secret { return last.sign }
        var key = Array("AWS4\(secret)".utf8)
        for part in [scope.day, scope.region, scope.service, CredentialScope.terminator] {
            key = hash.hmacSHA256(key.span)(part.utf8.span)
        }
        let sign = hash.hmacSHA256(key.span)
        last = (secret, scope, sign)
        return sign
    }

    var description: String { "<signing key>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
