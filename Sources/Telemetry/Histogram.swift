import Synchronization

/// Durations counted in buckets.
///
/// Each cell is the count of its own bucket alone, so that an observation writes two cells however many buckets
/// there are; the cumulative counts of the text format are made when it is scraped.
package final class Histogram: Sendable {
    /// How many bounds a histogram may have, `+Inf` not among them.
    package static let boundsMax = 23

    /// The upper bounds of the buckets in seconds, inclusive and rising, without `+Inf`.
    let bounds: [Double]

    private let boundsInNanoseconds: [Int]
    private let cells = InlineArray<24, Atomic<Int>> { _ in Atomic(0) }
    private let sumInNanoseconds = Atomic<Int>(0)
    /// By bucket, the last of each.
    private let exemplars: Mutex<[Exemplar?]>

    init(bounds: [Double]) {
        precondition(!bounds.isEmpty && bounds.count <= Self.boundsMax, "a histogram has 1 to 23 bounds")
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "the bounds of a histogram rise")
        precondition(bounds.allSatisfy { $0 > 0 && $0 < 1e9 }, "a bound is a positive number of seconds")
        self.bounds = bounds
        exemplars = Mutex(Array(repeating: nil, count: bounds.count + 1))
        boundsInNanoseconds = bounds.map { Int(($0 * 1e9).rounded()) }
    }

    /// - Parameter duration: a negative one, which a clock set back may yield, counts as zero.
    package func observe(_ duration: Duration) {
        _ = count(duration.clampedNanoseconds)
    }

    /// For one in many: this takes a lock.
    /// - Parameters:
    ///   - traceID: of a trace that somebody keeps.
    ///   - now: microseconds since 1970.
    package func observe(_ duration: Duration, traceID: String, at now: Int64) {
        let nanoseconds = duration.clampedNanoseconds
        let bucket = count(nanoseconds)
        exemplars.withLock { $0[bucket] = Exemplar(traceID: traceID, nanoseconds: nanoseconds, at: now) }
    }

    /// - Returns: its bucket.
    private func count(_ nanoseconds: Int) -> Int {
        var bucket = 0
        while bucket < boundsInNanoseconds.count, nanoseconds > boundsInNanoseconds[bucket] {
            bucket += 1
        }
        cells[bucket].wrappingAdd(1, ordering: .relaxed)
        sumInNanoseconds.wrappingAdd(nanoseconds, ordering: .relaxed)
        return bucket
    }

    /// What was observed so far, of each bucket alone; the last is `+Inf`.
    var snapshot: HistogramSnapshot {
        HistogramSnapshot(
            bounds: bounds,
            counts: (0...bounds.count).map { cells[$0].load(ordering: .relaxed) },
            sumInNanoseconds: sumInNanoseconds.load(ordering: .relaxed), exemplars: exemplars.withLock(\.self))
    }
}

/// A histogram read at one moment.
///
/// `_count` is the sum of the cells read, never a cell of its own: a scrape between the writes of an observation
/// could otherwise see a `+Inf` bucket that is not `_count`.
struct HistogramSnapshot: Equatable {
    let bounds: [Double]
    var counts: [Int]
    var sumInNanoseconds: Int
    /// By bucket; the newer one of two is kept.
    var exemplars: [Exemplar?]

    mutating func add(_ other: HistogramSnapshot) {
        for index in counts.indices {
            counts[index] += other.counts[index]
            if let exemplar = other.exemplars[index], exemplar.at > exemplars[index]?.at ?? .min {
                exemplars[index] = exemplar
            }
        }
        sumInNanoseconds &+= other.sumInNanoseconds
    }
}

extension Duration {
    /// Between zero and about 146 years, which no sum overflows soon.
    fileprivate var clampedNanoseconds: Int {
        let secondsMax: Int64 = 1 << 32
        let (seconds, attoseconds) = components
        return Int(max(0, min(seconds, secondsMax))) * 1_000_000_000 + Int(max(0, attoseconds / 1_000_000_000))
    }
}
