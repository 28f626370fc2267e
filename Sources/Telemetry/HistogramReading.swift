/// What a histogram, or several of the same buckets together, had counted at one moment; or between two.
package struct HistogramReading: Sendable, Equatable {
    /// The upper bounds of the buckets in seconds, inclusive and rising, without `+Inf`.
    package let bounds: [Double]
    /// Of each bucket alone; the last is `+Inf`.
    package private(set) var counts: [Int]

    /// - Parameter counts: one more than there are bounds.
    package init(bounds: [Double], counts: [Int]) {
        self.bounds = bounds
        self.counts = counts
    }

    package var count: Int { counts.reduce(0, +) }

    /// - Parameters:
    ///   - share: 0 to 1.
    /// - Returns: what so large a share of the durations was not longer than, in seconds, as if those of a bucket lay
    ///   evenly in it; the last bound where it lies beyond. nil: nothing was counted.
    package func quantile(_ share: Double) -> Double? {
        let rank = share * Double(count)
        guard count > 0, let last = bounds.last else { return nil }
        var (below, lower) = (0, 0.0)
        for (bound, count) in zip(bounds, counts) {
            if count > 0, Double(below + count) >= rank {
                return lower + (bound - lower) * max(0, rank - Double(below)) / Double(count)
            }
            below += count
            lower = bound
        }
        return last
    }

    /// Of histograms with the same buckets.
    package static func + (first: Self, second: Self) -> Self {
        Self(bounds: first.bounds, counts: zip(first.counts, second.counts).map(+))
    }

    /// What was counted since an earlier reading.
    package static func - (later: Self, earlier: Self) -> Self {
        Self(bounds: later.bounds, counts: zip(later.counts, earlier.counts).map(-))
    }
}

extension Histogram {
    package var reading: HistogramReading {
        let snapshot = snapshot
        return HistogramReading(bounds: snapshot.bounds, counts: snapshot.counts)
    }
}
