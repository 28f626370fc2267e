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

    package func caller(of request: Request) async throws(CallersUnavailable) -> Caller? {
        switch Credential(of: request) {
        case .key(let key): try caller(ofKey: key, at: request.clientAddress)
        case .token(let token): await tokens?.caller(of: token, deadline: WaitPreference.deadline(of: request))
        case .certificate(let certificate): clients()?.caller(of: certificate)
        case nil: nil
        }
    }

    package func mayAdmit(_ request: Request, for scope: Scope) -> Bool {
        let caller: Caller?
        switch Credential(of: request) {
        case .key(let key): caller = try? self.caller(ofKey: key, at: request.clientAddress)
        case .token(let token):
            guard let tokens else { return false }
            // Whose it is may take a while to be known.
            guard let remembered = tokens.rememberedCaller(of: token) else { return true }
            caller = remembered
        case .certificate(let certificate): caller = clients()?.caller(of: certificate)
        case nil: caller = nil
        }
        guard let caller else { return false }
        return caller.may(scope) && !caller.isOutsideNetworks
    }

    /// Whatever is behind the checksum takes the same steps, up to the comparison of the hash.
    private func caller(
        ofKey text: ArraySlice<UInt8>, at address: String?
    ) throws(CallersUnavailable) -> Caller? {
        guard var key = APIKey(text) else { return nil }
        defer { key.wipe() }
        let hash = key.sha256
        if let entry = staticKeys.entry(of: hash) {
            return Caller(name: entry.name, authentication: .apiKey, scopes: entry.scopes)
        }
        return try keys?.caller(of: key, hash: hash, at: address)
    }
}

/// What a request says who its caller is.
private enum Credential {
    case key(ArraySlice<UInt8>)
    case token(ArraySlice<UInt8>)
    case certificate(ClientCertificate)

    /// nil: nothing, or nothing of a form that could be anybody's.
    init?(of request: Request) {
        switch request.fields.count(named: "authorization") {
        case 0:
            guard let certificate = request.clientCertificate else { return nil }
            self = .certificate(certificate)
        case 1:
            guard let bearer = Self.bearer(of: request.fields) else { return nil }
            if APIKey.claims(bearer) {
                self = .key(bearer)
            } else if CompactJWS.isMeant(by: bearer) {
                self = .token(bearer)
            } else {
                return nil
            }
        default:
            // A proxy before us and we might each believe another one.
            return nil
        }
    }

    /// What follows the scheme, which is written in any case, and one or more spaces (RFC 9110 §11.4).
    private static func bearer(of fields: Fields) -> ArraySlice<UInt8>? {
        guard let value = fields.onlyValue(of: "authorization"),
            // Capital letters lack that bit.
            value.prefix(scheme.count).elementsEqual(scheme, by: { $0 | 0x20 == $1 })
        else { return nil }
        let rest = value.dropFirst(scheme.count)
        return rest.first == UInt8(ascii: " ") ? rest.drop { $0 == UInt8(ascii: " ") } : nil
    }

    private static let scheme = Array("bearer".utf8)
}
