package import HTTP
package import Heartbeat
import LibCrypto

/// Knows callers by the API key or the token in `Authorization: Bearer` (RFC 6750 §2.1).
package struct APIKeyAuthenticator: Authenticator {
    private let keys: StaticKeys
    private let tokens: TokenVerifier?

    /// - Parameter tokens: nil: no tokens are accepted.
    package init(keys: StaticKeys, tokens: TokenVerifier? = nil) {
        self.keys = keys
        self.tokens = tokens
    }

    package func caller(of request: Request) async -> Caller? {
        guard let text = Self.bearerToken(of: request.fields) else { return nil }
        guard let tokens, CompactJWS.isMeant(by: text.utf8) else { return caller(ofKey: text) }
        return await tokens.caller(of: Array(text.utf8)[...], deadline: WaitPreference.deadline(of: request))
    }

    package func mayAdmit(_ request: Request, for scope: Scope) -> Bool {
        guard let text = Self.bearerToken(of: request.fields) else { return false }
        guard let tokens, CompactJWS.isMeant(by: text.utf8) else { return caller(ofKey: text)?.may(scope) == true }
        return tokens.rememberedCaller(of: Array(text.utf8)[...])?.may(scope) ?? true
    }

    private func caller(ofKey text: String) -> Caller? {
        guard let key = APIKey(text) else { return nil }
        let hash = key.sha256
        var caller: Caller?
        // No early end: the time taken tells nothing of which key it was, or how nearly.
        for entry in keys.entries where constantTimeEqual(entry.sha256, hash) {
            caller = Caller(name: entry.name, authentication: .apiKey, scopes: entry.scopes)
        }
        return caller
    }

    /// What follows the scheme, which is written in any case, and one or more spaces (RFC 9110 §11.4).
    ///
    /// Of several fields none counts: a proxy before us and we might each believe another one.
    private static func bearerToken(of fields: Fields) -> String? {
        let authorizations = fields.values(named: "authorization")
        guard authorizations.count == 1 else { return nil }
        let words = authorizations[0].split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1].drop { $0 == " " })
    }
}
