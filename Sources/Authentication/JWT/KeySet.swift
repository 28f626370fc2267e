internal import JSON

/// The public keys of an issuer (RFC 7517 §5).
package struct KeySet: Sendable, Equatable {
    package static let keysMax = 64
    package static let bytesMax = 262_144
    /// Of keys that one token is tried with, where several have its key's name or it gives none: each try costs.
    static let triesMax = 8

    private let keys: [VerificationKey]
    private let fingerprints: Set<[UInt8]>
    /// Why keys are left out.
    package let skipped: [String]

    package var count: Int { keys.count }

    /// A key that cannot be used is left out; the others stand.
    /// - Throws: where that is no set of keys at all.
    package init(_ document: [UInt8]) throws(KeySetFault) {
        guard document.count <= Self.bytesMax else { throw KeySetFault("is longer than \(Self.bytesMax) bytes") }
        guard let set = JSONMembers(document) else { throw KeySetFault("is not valid JSON") }
        guard let elements = set["keys"]?.elements else { throw KeySetFault("has no list of keys") }
        guard elements.count <= Self.keysMax else { throw KeySetFault("has more than \(Self.keysMax) keys") }
        var keys: [VerificationKey] = []
        var skipped: [String] = []
        for (index, element) in elements.enumerated() {
            do throws(VerificationKey.Fault) {
                keys.append(try VerificationKey(element))
            } catch {
                skipped.append("key \(index + 1): \(error.rawValue)")
            }
        }
        self.keys = keys
        self.skipped = skipped
        fingerprints = Set(keys.map(\.fingerprint))
    }

    package static func == (left: KeySet, right: KeySet) -> Bool {
        left.fingerprints == right.fingerprints && left.skipped == right.skipped
    }

    func has(_ fingerprint: [UInt8]) -> Bool {
        fingerprints.contains(fingerprint)
    }

    /// Whether the key that the token names is here, fit or not. A token that names none is content with any.
    func knowsKey(of header: TokenHeader) -> Bool {
        guard let keyID = header.keyID else { return !keys.isEmpty }
        return keys.contains { $0.keyID?.isSame(as: keyID) == true }
    }

    /// The key that signed it, if it is one of these.
    func signer(of token: CompactJWS) -> VerificationKey? {
        let candidates = keys.lazy.filter { key in
            guard let keyID = token.header.keyID else { return key.fits(token.header) }
            return key.keyID?.isSame(as: keyID) == true && key.fits(token.header)
        }
        return candidates.prefix(Self.triesMax).first {
            $0.verifies(token.signature, of: token.signed, token.header.algorithm)
        }
    }
}

/// Why an issuer's keys could not be had: a predicate, to follow the name of what was read.
package struct KeySetFault: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
