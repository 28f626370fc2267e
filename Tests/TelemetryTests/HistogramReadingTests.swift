import Testing

@testable import Telemetry

struct HistogramReadingTests {
    private static func reading(_ counts: [Int]) -> HistogramReading {
        HistogramReading(bounds: [0.1, 0.2, 0.4], counts: counts)
    }

    @Test(
        arguments: [
            ([10, 0, 0, 0], 0.5, 0.05), ([10, 0, 0, 0], 1, 0.1), ([0, 10, 0, 0], 0.5, 0.15), ([0, 10, 0, 0], 0, 0.1),
            ([5, 5, 0, 0], 0.5, 0.1), ([98, 0, 2, 0], 0.99, 0.3), ([0, 0, 0, 7], 0.5, 0.4), ([1, 0, 0, 1], 0.99, 0.4),
            ([0, 0, 10, 0], 0.25, 0.25),
        ] as [([Int], Double, Double)])
    func `a quantile lies in its bucket as far as its rank`(_ counts: [Int], _ share: Double, _ expected: Double) throws
    {
        let value = try #require(Self.reading(counts).quantile(share))
        #expect(abs(value - expected) < 1e-9)
    }

    @Test func `nothing counted has no quantiles`() {
        #expect(Self.reading([0, 0, 0, 0]).quantile(0.5) == nil)
    }

    @Test func `readings add up, and tell what came between them`() {
        var registry = Registry()
        let histogram = registry.histogram("a_seconds", help: "A.", buckets: [0.1, 0.2, 0.4])
        histogram.observe(.milliseconds(150))
        let earlier = histogram.reading
        histogram.observe(.milliseconds(150))
        histogram.observe(.seconds(1))
        #expect(earlier == Self.reading([0, 1, 0, 0]))
        #expect(histogram.reading - earlier == Self.reading([0, 1, 0, 1]))
        #expect(histogram.reading + earlier == Self.reading([0, 3, 0, 1]))
        #expect((histogram.reading + earlier).count == 4)
    }
}
