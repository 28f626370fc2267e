import Testing

@testable import Telemetry

struct RegistryTests {
    @Test(arguments: ["a", "_a", ":a", "heartbeat_requests_total", "A9"])
    func `metric names`(name: String) {
        #expect(isMetricName(name))
    }

    @Test(arguments: ["", "9a", "a-b", "a b", "é", "a{", "a\n"])
    func `what is no metric name`(name: String) {
        #expect(!isMetricName(name))
    }

    @Test(arguments: ["code", "_x", "Status9"])
    func `label names`(name: String) {
        #expect(isLabelName(name))
    }

    @Test(arguments: ["", "9a", "a:b", "le", "__name__", "a\""])
    func `what is no label name`(name: String) {
        #expect(!isLabelName(name))
    }

    @Test func `copies of a registry share the handles`() {
        var registry = Registry()
        let counter = registry.counter("a_total", help: "A.")
        let copy = registry
        counter.increment()
        #expect(String(decoding: Exposition.render([copy]), as: UTF8.self).hasSuffix("a_total 1\n"))
    }

    @Test func `a name with a second kind stops the process`() async {
        await #expect(processExitsWith: .failure) {
            var registry = Registry()
            _ = registry.counter("a_total", help: "A.")
            _ = registry.gauge("a_total", help: "A.")
        }
    }

    @Test func `a series made twice stops the process`() async {
        await #expect(processExitsWith: .failure) {
            var registry = Registry()
            _ = registry.gauge("a", help: "A.", labels: ["x": "1", "y": "2"])
            _ = registry.gauge("a", help: "A.", labels: ["y": "2", "x": "1"])
        }
    }

    @Test func `bounds that do not rise stop the process`() async {
        await #expect(processExitsWith: .failure) {
            var registry = Registry()
            _ = registry.histogram("a_seconds", help: "A.", buckets: [1, 1])
        }
    }

    @Test func `the same is accepted where nothing is wrong`() async {
        await #expect(processExitsWith: .success) {
            var registry = Registry()
            _ = registry.gauge("a", help: "A.", labels: ["x": "1"])
            _ = registry.gauge("a", help: "A.", labels: ["x": "2"])
            let bounds = (1...Histogram.boundsMax).map(Double.init)
            let histogram = registry.histogram("a_seconds", help: "A.", buckets: bounds)
            histogram.observe(.seconds(1e12))
        }
    }

    @Test func `several writers lose nothing`() async {
        let writers = 8
        let rounds = 20_000
        var registry = Registry()
        let counter = registry.counter("a_total", help: "A.")
        let gauge = registry.gauge("b", help: "B.")
        let histogram = registry.histogram("c_seconds", help: "C.", buckets: [0.001])
        await withDiscardingTaskGroup { group in
            for writer in 0..<writers {
                group.addTask {
                    for _ in 0..<rounds {
                        counter.increment()
                        gauge.add(writer.isMultiple(of: 2) ? 2 : -1)
                        histogram.observe(.milliseconds(writer.isMultiple(of: 2) ? 1 : 2))
                    }
                }
            }
        }
        #expect(counter.value == writers * rounds)
        #expect(gauge.value == writers / 2 * rounds)
        #expect(
            histogram.snapshot
                == HistogramSnapshot(
                    bounds: [0.001], counts: [writers / 2 * rounds, writers / 2 * rounds],
                    sumInNanoseconds: writers / 2 * rounds * 3_000_000, exemplars: [nil, nil]))
    }

    @Test func `a duration past all bounds is clamped, not trapped`() {
        let histogram = Histogram(bounds: [1])
        histogram.observe(.seconds(Int64.max))
        #expect(histogram.snapshot.counts == [0, 1])
        #expect(histogram.snapshot.sumInNanoseconds > 0)
    }
}
