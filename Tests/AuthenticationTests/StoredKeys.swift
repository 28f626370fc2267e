import HTTP
import Heartbeat
import Synchronization

@testable import Authentication

extension StoredKey {
    /// That of a key, good for ever and everywhere unless it is said otherwise.
    static func of(
        _ key: APIKey, name: String = "worker", expiresAt: Int64? = nil, revokedAt: Int64? = nil,
        scopes: String = "heartbeat", rateLimit: String? = nil, networks: String? = nil
    ) -> StoredKey {
        let fields: [String?] = [
            key.identifier, name, key.sha256Hex, "1000000", expiresAt.map { String($0) }, revokedAt.map { String($0) },
            scopes, rateLimit, networks,
        ]
        guard let stored = StoredKey(fields) else { preconditionFailure("\(fields) are no key") }
        return stored
    }
}

/// A wall clock in microseconds, set by hand.
final class ManualClock: Sendable {
    private let time: Mutex<Int64>

    init(_ start: Int64) {
        time = Mutex(start)
    }

    var now: Int64 { time.withLock { $0 } }

    func set(_ now: Int64) {
        time.withLock { $0 = now }
    }
}
