/// The prime curves of FIPS 186-4 that signatures are made on.
package enum EllipticCurve: Sendable, Hashable, CaseIterable {
    case p256
    case p384
    case p521

    /// Of x and of y, and of each half of a signature.
    package var coordinateBytes: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// libcrypto's.
    var name: String {
        switch self {
        case .p256: "P-256"
        case .p384: "P-384"
        case .p521: "P-521"
        }
    }

    /// The two halves of a signature, r and s (RFC 7518 §3.4), as a sequence of two integers in DER.
    ///
    /// Whether they are between 0 and the curve's order is for the verification to see.
    /// - Returns: nil where the signature is not exactly as long as the two.
    func distinguishedEncoding(ofSignature signature: [UInt8]) -> [UInt8]? {
        guard signature.count == 2 * coordinateBytes else { return nil }
        let integers =
            Self.integer(signature[..<coordinateBytes]) + Self.integer(signature[coordinateBytes...])
        // P-521's are longer than the 127 bytes that one byte of length can tell.
        let length = integers.count < 0x80 ? [UInt8(integers.count)] : [0x81, UInt8(integers.count)]
        return [0x30] + length + integers
    }

    private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let digits = bytes.drop { $0 == 0 }
        let sign: [UInt8] = (digits.first ?? 0x80) >= 0x80 ? [0] : []
        return [2, UInt8(sign.count + digits.count)] + sign + digits
    }
}
