package import HTTP
package import Heartbeat
import LibCrypto

/// Knows callers by the API key in `Authorization: Bearer` (RFC 6750 §2.1), and those that send no such field by their
/// certificate. Where there is the field it decides alone.
package struct CallerAuthenticator: Authenticator {
    private let staticKeys: StaticKeys
    private let keys: KeyDirectory?
    private let clients: @Sendable () -> ClientMap?

    /// - Parameters:
    ///   - keys: those of the table; nil: there is none.
    ///   - clients: the map of client certificates as it is now; nil where there is none.
    package init(
        staticKeys: StaticKeys, keys: KeyDirectory? = nil, clients: @escaping @Sendable () -> ClientMap? = { nil }
    ) {
        self.staticKeys = staticKeys
        self.keys = keys
        self.clients = clients
    }

    package func caller(of request: Request) async -> Caller? {
        knownCaller(of: request)
    }

    package func mayAdmit(_ request: Request, for scope: Scope) -> Bool {
        guard let caller = knownCaller(of: request) else { return false }
        return caller.may(scope) && !caller.isOutsideNetworks
    }

    private func knownCaller(of request: Request) -> Caller? {
        let authorizations = request.fields.values(named: "authorization")
        if authorizations.isEmpty { return request.clientCertificate.flatMap { clients()?.caller(of: $0) } }
        guard let token = Self.bearerToken(of: authorizations), APIKey.claims(token) else { return nil }
        return caller(ofKey: token, at: request.clientAddress)
    }

    /// Whatever is behind the checksum takes the same steps, up to the comparison of the hash.
    private func caller(ofKey text: String, at address: String?) -> Caller? {
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
    private static func bearerToken(of authorizations: [String]) -> String? {
        guard authorizations.count == 1 else { return nil }
        let words = authorizations[0].split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1].drop { $0 == " " })
    }
}
