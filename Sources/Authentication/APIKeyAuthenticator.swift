package import HTTP
package import Heartbeat
import LibCrypto

/// Knows callers by the API key in `Authorization: Bearer` (RFC 6750 §2.1).
package struct APIKeyAuthenticator: Authenticator {
    private let keys: StaticKeys

    package init(keys: StaticKeys) {
        self.keys = keys
    }

    package func caller(of request: Request) -> Caller? {
        let authorizations = request.fields.values(named: "authorization")
        // Of several, a proxy before us and we might each believe another one.
        guard authorizations.count == 1, let token = Self.bearerToken(of: authorizations[0]),
            let key = APIKey(token)
        else { return nil }
        let hash = key.sha256
        var caller: Caller?
        // No early end: the time taken tells nothing of which key it was, or how nearly.
        for entry in keys.entries where constantTimeEqual(entry.sha256, hash) {
            caller = Caller(name: entry.name, authentication: .apiKey, scopes: entry.scopes)
        }
        return caller
    }

    /// What follows the scheme, which is written in any case, and one or more spaces (RFC 9110 §11.4).
    private static func bearerToken(of value: String) -> String? {
        let words = value.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1].drop { $0 == " " })
    }
}
