/// What signs every request of one scope: derived from the secret access key by four HMACs, so the last one is kept.
///
/// The closures keep the key itself out of reach, and the secret that it was made from is not shown.
struct SigningKey: CustomStringConvertible, CustomReflectable {
    private let hash: HashFunctions
    private var last: (secret: String, scope: CredentialScope, sign: HashFunctions.Digest)?

    init(hash: HashFunctions) {
        self.hash = hash
    }

    mutating func derived(from secret: String, for scope: CredentialScope) -> HashFunctions.Digest {
        if let last, last.scope == scope, last.secret == secret { return last.sign }
        var key = hash.hmacSHA256(Array("AWS4\(secret)".utf8).span)(scope.day.utf8.span)
        for part in [scope.region, scope.service, CredentialScope.terminator] {
            key = hash.hmacSHA256(key.span)(part.utf8.span)
        }
        let sign = hash.hmacSHA256(key.span)
        last = (secret, scope, sign)
        return sign
    }

    var description: String { "<signing key>" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
