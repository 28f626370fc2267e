/// A token as it comes: a JWS in its compact form (RFC 7515 §7.1) whose payload is a JSON object. Nothing in it is
/// true until its signature is verified.
package struct CompactJWS {
    package static let bytesMax = 16_384

    let header: TokenHeader
    let claims: JSONMembers
    let signature: [UInt8]
    /// What is signed: the first two parts and the dot between them.
    let signed: [UInt8]

    /// Whether a bearer's credentials are to be taken for such a token: no others have two dots.
    package static func isMeant(by credentials: some Sequence<UInt8>) -> Bool {
        credentials.count { $0 == UInt8(ascii: ".") } == 2
    }

    /// Nil where it is no such token, or its header asks for what is not to be had here.
    package init?(_ token: ArraySlice<UInt8>) {
        guard token.count <= Self.bytesMax else { return nil }
        let parts = token.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3,
            let header = Base64URL.decode(parts[0]).flatMap(JSONMembers.init).flatMap(TokenHeader.init),
            let claims = Base64URL.decode(parts[1]).flatMap(JSONMembers.init),
            let signature = Base64URL.decode(parts[2])
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Array(token[parts[0].startIndex..<parts[1].endIndex])
    }
}

/// What a token says about its signature (RFC 7515 §4.1). Keys and addresses of keys that it may bring along are never
/// looked at: the keys are the issuer's.
struct TokenHeader {
    /// RFC 7519 §5.1, RFC 9068 §2.1; a media type's case does not matter.
    private static let types = ["jwt", "at+jwt"]

    let algorithm: SignatureAlgorithm
    let keyID: String?

    init?(_ header: JSONMembers) {
        guard let algorithm = header.string("alg").flatMap(SignatureAlgorithm.init(exactly:)),
            // Extensions that must be understood: none is (§4.1.11).
            header["crit"] == nil
        else { return nil }
        if header["typ"] != nil {
            guard let type = header.string("typ"), Self.types.contains(where: type.lowercased().isSame) else {
                return nil
            }
        }
        if header["kid"] != nil, header.string("kid") == nil { return nil }
        self.algorithm = algorithm
        keyID = header.string("kid")
    }
}

extension SignatureAlgorithm {
    init?(exactly name: String) {
        guard let algorithm = Self.allCases.first(where: { $0.rawValue.isSame(as: name) }) else { return nil }
        self = algorithm
    }
}
