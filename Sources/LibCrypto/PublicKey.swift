import COpenSSL

/// A public key to verify signatures with: RSA, ECDSA on one of NIST's curves, or Ed25519.
@safe package final class PublicKey: Sendable {
    package enum Kind: Sendable, Hashable {
        case rsa
        case elliptic(EllipticCurve)
        case ed25519
    }

    /// Whatever is below is no longer held to be safe (RFC 7518 §3.3, RFC 8725 §3.5).
    package static let rsaBitsMin = 2048
    /// Each verification costs with the square of it; libcrypto itself goes no further.
    package static let rsaBitsMax = 16_384
    /// Nobody has a longer one, and each of its bits costs.
    package static let rsaExponentBytesMax = 8
    package static let ed25519Bytes = 32

    package let kind: Kind
    /// Only ever read since it was made, which libcrypto allows on several threads at a time.
    private nonisolated(unsafe) let key: OpaquePointer

    /// An RSA key of its modulus and its exponent, in network order.
    ///
    /// Nil where it is too short or too long, or where one of the two is even, or the exponent is 1: then every number
    /// would be its own signature.
    package convenience init?(rsaModulus: [UInt8], exponent: [UInt8]) {
        let (modulus, exponent) = (rsaModulus.drop { $0 == 0 }, exponent.drop { $0 == 0 })
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard (Self.rsaBitsMin...Self.rsaBitsMax).contains(bits), let last = modulus.last, last & 1 == 1,
            (1...Self.rsaExponentBytesMax).contains(exponent.count), let low = exponent.last, low & 1 == 1,
            exponent.count > 1 || low > 1
        else { return nil }
        let key = unsafe modulus.withUnsafeBufferPointer { modulus in
            unsafe exponent.withUnsafeBufferPointer { exponent in
                unsafe copenssl_rsa_public_key(
                    modulus.baseAddress, Int32(modulus.count), exponent.baseAddress, Int32(exponent.count))
            }
        }
        unsafe self.init(.rsa, key)
    }

    /// A key on a curve, of its coordinates, each as long as the curve's. Nil where that is no point of the curve.
    package convenience init?(_ curve: EllipticCurve, x: [UInt8], y: [UInt8]) {
        guard x.count == curve.coordinateBytes, y.count == curve.coordinateBytes else { return nil }
        let point = [4] + x + y
        let key = unsafe copenssl_ec_public_key(curve.name, point, point.count)
        unsafe self.init(.elliptic(curve), key)
    }

    package convenience init?(ed25519 bytes: [UInt8]) {
        guard bytes.count == Self.ed25519Bytes else { return nil }
        unsafe self.init(.ed25519, EVP_PKEY_new_raw_public_key_ex(nil, "ED25519", nil, bytes, bytes.count))
    }

    private init?(_ kind: Kind, _ key: OpaquePointer?) {
        ERR_clear_error()
        guard let key = unsafe key else { return nil }
        self.kind = kind
        unsafe self.key = unsafe key
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// Whether the signature is this key's, of these bytes, by this scheme. A scheme that is not for keys of this kind
    /// verifies nothing.
    package func verifies(_ signature: [UInt8], of message: [UInt8], _ scheme: SignatureScheme) -> Bool {
        guard scheme.keyKind == kind, let signature = encoded(signature) else { return false }
        let context = unsafe EVP_MD_CTX_new()
        defer {
            unsafe EVP_MD_CTX_free(context)
            // A refusal must not be taken for one of this thread's TLS connections later on.
            ERR_clear_error()
        }
        var details: OpaquePointer?
        guard
            unsafe EVP_DigestVerifyInit_ex(context, &details, scheme.digest?.rawValue, nil, nil, key, nil) == 1,
            unsafe !scheme.isPSS || copenssl_use_pss(details) == 1
        else { return false }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// As libcrypto takes it; nil where the length alone tells that it is none.
    private func encoded(_ signature: [UInt8]) -> [UInt8]? {
        switch kind {
        case .rsa: unsafe signature.count == Int(EVP_PKEY_get_size(key)) ? signature : nil
        case .elliptic(let curve): curve.distinguishedEncoding(ofSignature: signature)
        case .ed25519: signature.count == 2 * Self.ed25519Bytes ? signature : nil
        }
    }
}
