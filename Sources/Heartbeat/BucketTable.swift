/// A bucket for each of those who call, as many as there is room for.
package struct BucketTable<Key: Hashable & Sendable>: Sendable {
    private let bucketsMax: Int
    private var buckets: [Key: TokenBucket] = [:]

    /// - Parameter bucketsMax: at least 2.
    package init(bucketsMax: Int) {
        self.bucketsMax = bucketsMax
    }

    package var count: Int { buckets.count }

    /// See `TokenBucket.take`.
    package mutating func take(_ key: Key, _ limit: RateLimit, now: Moment) -> RateStanding {
        makeRoom(for: key)
        return buckets[key, default: TokenBucket(now: now)].take(limit, now: now)
    }

    /// See `TokenBucket.drain`.
    package mutating func drain(_ key: Key, _ limit: RateLimit, now: Moment) {
        makeRoom(for: key)
        buckets[key, default: TokenBucket(now: now)].drain(limit, now: now)
    }

    /// nil: it is full, as far as is known.
    package subscript(key: Key) -> TokenBucket? { buckets[key] }

    /// Where all places are taken, lets go of the half that is full first: a full bucket is as good as none. Half of
    /// them, so that not each newcomer of a crowd costs a search.
    private mutating func makeRoom(for key: Key) {
        guard buckets.count >= bucketsMax, buckets[key] == nil else { return }
        let fullestFirst = buckets.sorted { $0.value.fullAt < $1.value.fullAt }
        for (key, _) in fullestFirst.prefix((bucketsMax + 1) / 2) { buckets[key] = nil }
    }
}
