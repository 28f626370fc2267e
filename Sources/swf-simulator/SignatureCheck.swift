import HTTP
import LibCrypto
import SigV4

/// Refuses what AWS would refuse to authenticate.
struct SignatureCheck {
    private var verifier: Verifier
    private let region: String
    private let skewFault: SkewFault

    static let service = "swf"

    init(region: String, credentials: [Credentials], skewFault: SkewFault) {
        self.region = region
        self.skewFault = skewFault
        verifier = Verifier(
            region: region, service: Self.service, credentials: credentials, hash: .libcrypto)
    }

    mutating func check(_ request: Request, at now: Timestamp) throws(Fault) {
        let signed = SignableRequest(
            method: request.method.rawValue, path: String(decoding: request.path, as: UTF8.self),
            headers: request.fields.all, body: request.body)
        do throws(VerificationFault) {
            try verifier.verify(signed, at: now)
        } catch {
            throw fault(for: error, signedAt: request.fields["x-amz-date"] ?? "", now: now)
        }
    }

    private func fault(for fault: VerificationFault, signedAt: String, now: Timestamp) -> Fault {
        switch fault {
        case .missingAuthorization: .missingAuthentication
        case .malformed: .incompleteSignature
        case .wrongScope:
            .invalidSignature(
                message: "Credential should be scoped to '\(region)', '\(Self.service)' and the request's date.")
        case .expired where skewFault != .invalidSignature, .notYetCurrent where skewFault != .invalidSignature:
            skewFault == .requestExpired ? .requestExpired : .requestTimeTooSkewed
        case .expired:
            .signatureExpired(signedAt: signedAt, now: now.text, earliest: moved(now, -1).text)
        case .notYetCurrent:
            .signatureNotYetCurrent(signedAt: signedAt, now: now.text, latest: moved(now, 1).text)
        case .unknownCredentials: .unrecognizedClient
        case .wrongSignedHeaders:
            .invalidSignature(
                message: "'Host' and every 'x-amz-' header must be a 'SignedHeader' in the AWS Authorization.")
        case .wrongSignature: .wrongSignature
        }
    }

    private func moved(_ now: Timestamp, _ windows: Int64) -> Timestamp {
        Timestamp(epochSeconds: now.epochSeconds + windows * Verifier.clockSkewSecondsMax)
    }
}

extension HashFunctions {
    static var libcrypto: HashFunctions {
        HashFunctions(sha256: SHA256Hasher().digest, hmacSHA256: { HMACSHA256(key: $0).code })
    }
}

extension Fields {
    /// In the order they came, duplicates kept.
    var all: [(name: String, value: String)] {
        entries.map { entry in
            (String(decoding: bytes[entry.name], as: UTF8.self), String(decoding: bytes[entry.value], as: UTF8.self))
        }
    }
}
