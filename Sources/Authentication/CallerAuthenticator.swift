package import HTTP
package import Heartbeat
import LibCrypto

/// Knows callers by the API key or the token in `Authorization: Bearer` (RFC 6750 §2.1).
package struct CallerAuthenticator: Authenticator {
    private let staticKeys: StaticKeys
    private let keys: KeyDirectory?
    private let tokens: TokenVerifier?

    /// - Parameters:
    ///   - keys: those of the table; nil: there is none.
    ///   - tokens: nil: none are accepted.
    package init(staticKeys: StaticKeys, keys: KeyDirectory? = nil, tokens: TokenVerifier? = nil) {
        self.staticKeys = staticKeys
        self.keys = keys
        self.tokens = tokens
    }

    package func caller(of request: Request) async -> Caller? {
        guard let token = Self.bearerToken(of: request.fields) else { return nil }
        if APIKey.claims(token) { return caller(ofKey: token, at: request.clientAddress) }
        guard let tokens, CompactJWS.isMeant(by: token) else { return nil }
        return await tokens.caller(of: token, deadline: WaitPreference.deadline(of: request))
    }

    package func mayAdmit(_ request: Request, for scope: Scope) -> Bool {
        guard let token = Self.bearerToken(of: request.fields) else { return false }
        if let tokens, CompactJWS.isMeant(by: token) {
            // Whose it is may take a while to be known.
            return tokens.rememberedCaller(of: token)?.may(scope) ?? true
        }
        guard APIKey.claims(token) else { return false }
        guard let caller = caller(ofKey: token, at: request.clientAddress) else { return false }
        return caller.may(scope) && !caller.isOutsideNetworks
    }

    /// Whatever is behind the checksum takes the same steps, up to the comparison of the hash.
    private func caller(ofKey text: ArraySlice<UInt8>, at address: String?) -> Caller? {
        guard let key = APIKey(text) else { return nil }
        let hash = key.sha256
        if let entry = staticKeys.entry(of: hash) {
            return Caller(name: entry.name, authentication: .apiKey, scopes: entry.scopes)
        }
        return keys?.caller(of: key, hash: hash, at: address)
    }

    /// What follows the scheme, which is written in any case, and one or more spaces (RFC 9110 §11.4).
    ///
    /// Of several fields none counts: a proxy before us and we might each believe another one.
    private static func bearerToken(of fields: Fields) -> ArraySlice<UInt8>? {
        guard let value = fields.onlyValue(of: "authorization"),
            // Capital letters lack that bit.
            value.prefix(scheme.count).elementsEqual(scheme, by: { $0 | 0x20 == $1 })
        else { return nil }
        let rest = value.dropFirst(scheme.count)
        return rest.first == UInt8(ascii: " ") ? rest.drop { $0 == UInt8(ascii: " ") } : nil
    }

    private static let scheme = Array("bearer".utf8)
}
