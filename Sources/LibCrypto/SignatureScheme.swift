/// How a message is signed.
package enum SignatureScheme: Sendable, Hashable {
    package enum Digest: String, Sendable {
        case sha256 = "SHA256"
        case sha384 = "SHA384"
        case sha512 = "SHA512"
    }

    /// RSASSA-PKCS1-v1_5.
    case rsaPKCS1(Digest)
    /// RSASSA-PSS with MGF1 of the same digest and a salt of its length.
    case rsaPSS(Digest)
    /// The signature is r and s, each as long as a coordinate of the curve.
    case ecdsa(EllipticCurve, Digest)
    case ed25519

    /// Whose keys make such signatures.
    package var keyKind: PublicKey.Kind {
        switch self {
        case .rsaPKCS1, .rsaPSS: .rsa
        case .ecdsa(let curve, _): .elliptic(curve)
        case .ed25519: .ed25519
        }
    }

    /// Nil where the scheme has its own.
    var digest: Digest? {
        switch self {
        case .rsaPKCS1(let digest), .rsaPSS(let digest), .ecdsa(_, let digest): digest
        case .ed25519: nil
        }
    }

    var isPSS: Bool {
        if case .rsaPSS = self { true } else { false }
    }
}
