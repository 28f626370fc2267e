internal import JSON
internal import LibCrypto

/// A public key of an issuer's (RFC 7517), and what it may be used for.
struct VerificationKey: Sendable {
    let keyID: String?
    /// The only algorithm that it is for; nil: any that keys of its kind can do.
    let algorithm: SignatureAlgorithm?
    /// The same for the same key under the same name and for the same algorithm, and for no other.
    let fingerprint: [UInt8]
    private let key: PublicKey

    /// Why a key of a set is left out.
    enum Fault: String, Error {
        case notAnObject = "it is no JSON object"
        case unknownKind = "its kty is none of RSA, EC and OKP"
        case unknownCurve = "its crv is none of P-256, P-384, P-521 and Ed25519"
        case otherUse = "it is not for signatures, by its use or its key_ops"
        case otherAlgorithm = "its alg is none for signatures by a key of its kind"
        case isPrivate = "it is a private key"
        case malformed = "a member is missing or of a wrong kind"
        case notAKey = """
            its numbers make no key: RSA has 2048 to 16384 bits and an odd exponent above 1, points lie on their curve
            """
    }

    init(_ value: JSONValue) throws(Fault) {
        guard case .other(let text) = value, let members = JSONMembers(Array(text.utf8)) else { throw .notAnObject }
        let key = try Self.publicKey(members)
        guard members["d"] == nil else { throw .isPrivate }
        if let use = members["use"], use != .string("sig") { throw .otherUse }
        if let operations = members["key_ops"] {
            guard let names = operations.strings, names.contains("verify") else { throw .otherUse }
        }
        if members["kid"] != nil, members.string("kid") == nil { throw .malformed }
        keyID = members.string("kid")
        if members["alg"] != nil {
            guard let algorithm = members.string("alg").flatMap(SignatureAlgorithm.init(exactly:)),
                algorithm.scheme.keyKind == key.kind
            else { throw .otherAlgorithm }
            self.algorithm = algorithm
        } else {
            algorithm = nil
        }
        self.key = key
        let parts = ["kty", "crv", "n", "e", "x", "y", "alg", "kid"].map { members.string($0).map(JSON.quoted) ?? "" }
        fingerprint = SHA256.hash(Array(parts.joined(separator: ",").utf8))
    }

    /// The parameters of RFC 7518 §6.2.1 and §6.3.1, and RFC 8037 §2.
    private static func publicKey(_ members: JSONMembers) throws(Fault) -> PublicKey {
        func bytes(_ name: String) throws(Fault) -> [UInt8] {
            guard let bytes = members.string(name).flatMap({ Base64URL.decode($0.utf8) }) else { throw .malformed }
            return bytes
        }
        let key: PublicKey?
        switch members.string("kty") {
        case "RSA"?:
            key = PublicKey(rsaModulus: try bytes("n"), exponent: try bytes("e"))
        case "EC"?:
            let curve: EllipticCurve
            switch members.string("crv") {
            case "P-256"?: curve = .p256
            case "P-384"?: curve = .p384
            case "P-521"?: curve = .p521
            default: throw .unknownCurve
            }
            key = PublicKey(curve, x: try bytes("x"), y: try bytes("y"))
        case "OKP"?:
            guard members.string("crv") == "Ed25519" else { throw .unknownCurve }
            key = PublicKey(ed25519: try bytes("x"))
        default: throw .unknownKind
        }
        guard let key else { throw .notAKey }
        return key
    }

    func fits(_ header: TokenHeader) -> Bool {
        header.algorithm.scheme.keyKind == key.kind && (algorithm ?? header.algorithm) == header.algorithm
    }

    /// False too where the algorithm is none for keys of this kind.
    func verifies(_ signature: [UInt8], of message: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        key.verifies(signature, of: message, algorithm.scheme)
    }
}
