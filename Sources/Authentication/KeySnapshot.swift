import Heartbeat
import LibCrypto
import Synchronization

/// The keys of the table at one time, for all loops to look them up in; never changed.
final class KeySnapshot: Sendable {
    /// What is found of a key.
    final class Entry: Sendable {
        let key: StoredKey
        let caller: Caller
        let use: KeyUse

        init(key: StoredKey, caller: Caller, use: KeyUse) {
            self.key = key
            self.caller = caller
            self.use = use
        }
    }

    let keys: [StoredKey]
    /// By `APIKey.Fingerprint.place`.
    private let entries: [UInt64: Entry]

    /// Found where nothing is, so that all else takes its course.
    private static let nobody = Entry(
        key: StoredKey(nobodyWithHash: [UInt8](repeating: 0, count: SHA256.digestBytes)),
        caller: Caller(name: "", authentication: .apiKey, scopes: []), use: KeyUse())

    /// - Parameter last: what was known of the keys' use so far goes on from there.
    init(_ keys: [StoredKey], after last: KeySnapshot? = nil) {
        self.keys = keys
        entries = Dictionary(
            keys.map { key in
                let place = APIKey.place(ofIdentifier: key.id.utf8)
                let use = last?.entries[place]?.use ?? KeyUse()
                let caller = Caller(
                    name: key.name, authentication: .apiKey, scopes: key.scopes,
                    rateLimit: key.rateLimit.flatMap(RateLimit.init))
                return (place, Entry(key: key, caller: caller, use: use))
            }, uniquingKeysWith: { first, _ in first })
    }

    /// - Parameter now: microseconds since 1970.
    /// - Returns: nil where the key is unknown, expired or revoked; that takes as long as finding it.
    func entry(of key: APIKey.Fingerprint, now: Int64) -> Entry? {
        let found = entries[key.place] ?? Self.nobody
        let (stored, hash) = (found.key.sha256, key.sha256)
        let isSame = constantTimeEqual(stored.span, hash.span)
        let isActive = found.key.state(at: now) == .active
        return isSame && isActive ? found : nil
    }

    /// When each key was used last, as far as that is known here.
    var uses: [(id: String, usedAt: Int64)] {
        entries.values.compactMap { entry in
            let usedAt = entry.use.usedAt
            return usedAt > 0 ? (entry.key.id, usedAt) : nil
        }
    }
}

/// When a key was used last; every loop notes it.
final class KeyUse: Sendable {
    /// Noting each use would have the loops' cores pass the number's cache line back and forth.
    private static let resolution: Int64 = 1_000_000

    private let last = Atomic<Int64>(0)

    /// In microseconds since 1970; 0: never.
    var usedAt: Int64 { last.load(ordering: .relaxed) }

    func note(_ now: Int64) {
        if now - usedAt >= Self.resolution { last.store(now, ordering: .relaxed) }
    }
}
