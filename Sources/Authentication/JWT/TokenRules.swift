package import Heartbeat
internal import JSON

/// What the claims of a token must be (RFC 7519 §4.1), and the caller that they make.
package struct TokenRules: Sendable, Equatable {
    /// How far clocks may be apart, in seconds.
    static let leeway = 60.0
    /// The end of the year 9999: a time beyond it is none.
    static let timeMax = 253_402_300_799.0

    /// A token must name one of them.
    package var audiences: [String]
    /// What a token's scopes must have for it to send heartbeats; nil: every token may.
    package var heartbeatScope: String?
    /// Whose text is the caller's name.
    package var callerClaim: String

    package static let callerClaimDefault = "sub"

    package init(
        audiences: [String], heartbeatScope: String? = nil, callerClaim: String = Self.callerClaimDefault
    ) {
        self.audiences = audiences
        self.heartbeatScope = heartbeatScope
        self.callerClaim = callerClaim
    }

    /// - Parameter now: seconds since 1970.
    /// - Returns: nil where they refuse the token.
    package func judge(_ token: CompactJWS, now: Double) -> (caller: Caller, expiration: Double)? {
        let claims = token.claims
        guard isMeant(claims), let expiration = Self.expiration(of: claims, now: now),
            let name = claims.string(callerClaim), CallerName.isValid(name),
            let scopes = scopes(of: claims)
        else { return nil }
        return (Caller(name: name, authentication: .jwt, scopes: scopes), expiration)
    }

    private func isMeant(_ claims: JSONMembers) -> Bool {
        guard let audience = claims["aud"] else { return false }
        let named = if case .string(let text) = audience { [text] } else { audience.strings ?? [] }
        return named.contains { name in audiences.contains { $0.isSame(as: name) } }
    }

    /// Nil where the token is not valid now.
    private static func expiration(of claims: JSONMembers, now: Double) -> Double? {
        guard let expiration = claims["exp"].flatMap(time), now < expiration + leeway else { return nil }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name] else { continue }
            guard let begin = time(claim), begin - leeway <= now else { return nil }
        }
        return expiration
    }

    /// Seconds since 1970, which may have a fraction (RFC 7519 §2).
    private static func time(_ claim: JSONValue) -> Double? {
        claim.number.flatMap { (0...timeMax).contains($0) ? $0 : nil }
    }

    /// Of `scope`, which is a text (RFC 8693 §4.2), else of `scp`, as some providers have it: a text or a list.
    /// - Returns: nil where that is neither.
    private func scopes(of claims: JSONMembers) -> Set<Scope>? {
        let words: [String]
        switch claims["scope"] ?? claims["scp"] {
        case nil: words = []
        case .string(let text)?: words = text.utf8.split(separator: UInt8(ascii: " ")).map { String($0) ?? "" }
        case let list?:
            guard claims["scope"] == nil, let names = list.strings else { return nil }
            words = names
        }
        func has(_ word: String) -> Bool { words.contains { $0.isSame(as: word) } }
        var scopes: Set<Scope> = []
        if heartbeatScope.map(has) ?? true { scopes.insert(.heartbeat) }
        for scope in [Scope.audit, .admin] where has(scope.rawValue) { scopes.insert(scope) }
        return scopes
    }
}
