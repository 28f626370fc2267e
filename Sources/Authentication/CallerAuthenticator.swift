package import HTTP
package import Heartbeat
import LibCrypto

/// Knows callers by the API key or the token in `Authorization: Bearer` (RFC 6750 §2.1), and those that send no such
/// field by their certificate. Where there is the field it decides alone.
package struct CallerAuthenticator: Authenticator {
    private let staticKeys: StaticKeys
    private let keys: KeyDirectory?
    private let tokens: TokenVerifier?
    private let clients: @Sendable () -> ClientMap?

    /// - Parameters:
    ///   - keys: those of the table; nil: there is none.
    ///   - tokens: nil: none are accepted.
    ///   - clients: the map of client certificates as it is now; nil where there is none.
    package init(
        staticKeys: StaticKeys, keys: KeyDirectory? = nil, tokens: TokenVerifier? = nil,
        clients: @escaping @Sendable () -> ClientMap? = { nil }
    ) {
        self.staticKeys = staticKeys
        self.keys = keys
        self.tokens = tokens
        self.clients = clients
    }

    package func identify(_ request: Request) throws(CallersUnavailable) -> Identification {
        switch Credential.presented(by: request) {
        case .key(let key): return Identification(try caller(ofKey: key, at: request.clientAddress))
        case .token(let token):
            guard let tokens else { return .nobody }
            return tokens.rememberedCaller(of: token).map(Identification.caller) ?? .undecided
        case .certificate(let certificate): return Identification(clients()?.caller(of: certificate))
        case nil: return .nobody
        }
    }

    package func caller(of request: Request) async throws(CallersUnavailable) -> Caller? {
        switch Credential.presented(by: request) {
        case .key(let key): try caller(ofKey: key, at: request.clientAddress)
        case .token(let token): await tokens?.caller(of: token, deadline: WaitPreference.deadline(of: request))
        case .certificate(let certificate): clients()?.caller(of: certificate)
        case nil: nil
        }
    }

    /// Whatever is behind the checksum takes the same steps, up to the comparison of the hash.
    private func caller(
        ofKey text: ArraySlice<UInt8>, at address: String?
    ) throws(CallersUnavailable) -> Caller? {
        guard let key = APIKey.Fingerprint(text) else { return nil }
        if let entry = staticKeys.entry(of: key.sha256.span) { return entry.caller }
        return try keys?.caller(of: key, at: address)
    }
}

/// What a request says who its caller is.
private enum Credential {
    case key(ArraySlice<UInt8>)
    case token(ArraySlice<UInt8>)
    case certificate(ClientCertificate)

    /// nil: nothing, or nothing of a form that could be anybody's.
    static func presented(by request: Request) -> Credential? {
        guard let authorization = request.fields.onlyValue(of: "authorization") else {
            // Of several fields, a proxy before us and we might each believe another one.
            if request.fields.count(named: "authorization") > 0 { return nil }
            return request.clientCertificate.map(Credential.certificate)
        }
        guard let bearer = bearer(authorization) else { return nil }
        if APIKey.claims(bearer) { return .key(bearer) }
        return CompactJWS.isMeant(by: bearer) ? .token(bearer) : nil
    }

    /// What follows the scheme, which is written in any case, and one or more spaces (RFC 9110 §11.4).
    private static func bearer(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let text = value.span
        guard text.count > scheme.count,
            // Capital letters lack that bit.
            scheme.indices.allSatisfy({ text[$0] | 0x20 == scheme[$0] }), text[scheme.count] == UInt8(ascii: " ")
        else { return nil }
        return value.dropFirst(scheme.count).drop { $0 == UInt8(ascii: " ") }
    }

    private static let scheme = Array("bearer".utf8)
}
