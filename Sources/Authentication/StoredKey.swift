package import HTTP
package import Heartbeat
import LibCrypto

/// An API key as the table has it: all but its secret.
package struct StoredKey: Sendable, Equatable {
    package enum State: String, Sendable {
        case active
        case expired
        case revoked
    }

    /// The 8 base62 digits that follow the key's prefix.
    package let id: String
    /// The caller's.
    package let name: String
    /// 32 bytes.
    package let sha256: [UInt8]
    /// In microseconds since 1970-01-01T00:00:00Z, like all times here.
    package let createdAt: Int64
    /// nil: it does not expire.
    package let expiresAt: Int64?
    package let revokedAt: Int64?
    package let scopes: Set<Scope>
    /// As `RateLimit` reads it; nil: what holds for all callers.
    package let rateLimit: String?
    /// Where it may be used from; empty: from anywhere.
    package let networks: [IPNetwork]
    /// Within some minutes; nil where it was never used, or where that was not asked.
    package var lastUsedAt: Int64?

    /// Revoked is revoked, whatever the time: clocks differ.
    package func state(at now: Int64) -> State {
        if revokedAt != nil { return .revoked }
        if let expiresAt, expiresAt <= now { return .expired }
        return .active
    }

    /// - Parameter address: numeric; nil: of a Unix socket, which is in no network.
    package func isAllowed(at address: String?) -> Bool {
        if networks.isEmpty { return true }
        guard let address, let address = IPAddress(ofClient: address) else { return false }
        return networks.contains { $0.contains(address) }
    }
}

extension StoredKey {
    /// Good for nothing.
    init(nobodyWithHash hash: [UInt8]) {
        (id, name, sha256, createdAt) = ("", "", hash, 0)
        (expiresAt, revokedAt, scopes, rateLimit, networks, lastUsedAt) = (nil, 0, [], nil, [], nil)
    }

    static let fieldCount = 9

    /// - Parameter fields: `fieldCount` of them as texts, and perhaps one more with the time of the last use.
    /// - Returns: nil where one of them is not what it should be. A scope that this version does not know is left out.
    init?(_ fields: [String?]) {
        guard fields.count >= Self.fieldCount, let id = fields[0], APIKey.isIdentifier(id), let name = fields[1],
            CallerName.isValid(name),
            let sha256 = fields[2].flatMap({ Hexadecimal.bytes(Array($0.utf8)[...]) }), sha256.count == 32,
            let createdAt = Self.time(fields[3]) ?? nil, let expiresAt = Self.time(fields[4]),
            let revokedAt = Self.time(fields[5])
        else { return nil }
        let networks = Self.list(fields[8])
        self.id = id
        self.name = name
        self.sha256 = sha256
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        scopes = Set(Self.list(fields[6]).compactMap { Scope(rawValue: String($0)) })
        rateLimit = fields[7]
        self.networks = networks.compactMap { IPNetwork(String($0)) }
        lastUsedAt = fields.count > Self.fieldCount ? Self.time(fields[9]) ?? nil : nil
        // To leave one out would be to allow it everywhere, were it the only one.
        guard self.networks.count == networks.count else { return nil }
    }

    /// What `init` reads, without the last use.
    var fields: [String?] {
        [
            id, name, lowercaseHex(sha256), String(createdAt), expiresAt.map { String($0) },
            revokedAt.map { String($0) }, scopesText, rateLimit,
            networks.map(\.description).joined(separator: ","),
        ]
    }

    /// In their usual order, with commas between them.
    package var scopesText: String {
        Scope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ",")
    }

    private static func list(_ text: String?) -> [Substring] {
        (text ?? "").split(separator: ",")
    }

    /// nil: it is no time; nil inside: there is none.
    private static func time(_ text: String?) -> Int64?? {
        guard let text else { return .some(nil) }
        guard let time = Int64(text) else { return nil }
        return .some(time)
    }
}
