internal import Heartbeat
internal import LibCrypto

/// Tokens that were verified, by their SHA-256.
struct RememberedTokens {
    static let countMax = 10_000

    /// A SHA-256.
    struct Key: Hashable {
        private let words: (UInt64, UInt64, UInt64, UInt64)

        init(of token: ArraySlice<UInt8>) {
            let hash = SHA256.hash(token.span)
            func word(_ index: Int) -> UInt64 {
                hash[(8 * index)..<(8 * index + 8)].reduce(0) { $0 << 8 | UInt64($1) }
            }
            words = (word(0), word(1), word(2), word(3))
        }

        static func == (left: Key, right: Key) -> Bool { left.words == right.words }

        func hash(into hasher: inout Hasher) {
            // They are spread evenly already.
            hasher.combine(words.0)
        }
    }

    struct Entry {
        let caller: Caller
        /// Seconds since 1970.
        let expiration: Double
        /// The place of its issuer among the verifier's.
        let issuer: Int
        /// The fingerprint of the key that signed it.
        let signer: [UInt8]
    }

    private var entries = RecentlyUsed<Key, Entry>(countMax: countMax)

    var count: Int { entries.count }

    mutating func find(_ key: Key) -> Entry? {
        entries[key]
    }

    mutating func insert(_ entry: Entry, for key: Key) {
        entries.set(entry, for: key)
    }
}
