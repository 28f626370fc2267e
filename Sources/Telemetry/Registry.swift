/// The metrics of one writer, by convention one event loop, so that counting touches no other core's memory.
///
/// Handles are made while the registry is built, one for each combination of label values, and kept by whoever
/// counts: there is no look-up later. Copies of a registry share the handles.
///
/// A name must keep its kind, help and label names; a breach is a programming error and stops the process at start.
package struct Registry: Sendable {
    private(set) var families: [Family] = []

    package init() {}

    /// - Parameters:
    ///   - name: ends in `_total`, by Prometheus' naming.
    ///   - help: one sentence without the name.
    ///   - labels: their values come from a bounded set.
    package mutating func counter(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:]
    ) -> Counter {
        precondition(name.hasSuffix("_total"), "a counter's name ends in _total: \(name)")
        let counter = Counter()
        add(.counter(counter), to: name, kind: .counter, help: help, labels: labels)
        return counter
    }

    package mutating func gauge(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:]
    ) -> Gauge {
        let gauge = Gauge()
        add(.gauge(gauge), to: name, kind: .gauge, help: help, labels: labels)
        return gauge
    }

    /// A counter that something else keeps, asked at each scrape as a computed gauge is.
    package mutating func counter(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:],
        reading: @escaping @Sendable () -> Double?
    ) {
        precondition(name.hasSuffix("_total"), "a counter's name ends in _total: \(name)")
        add(.computed(reading), to: name, kind: .counter, help: help, labels: labels)
    }

    /// A gauge that is computed at each scrape, on the thread of the scrape.
    ///
    /// - Parameter reading: nil where there is nothing to tell: the series is then left out. What is true of the
    ///   whole process belongs in one registry only, for the readings of several are summed.
    package mutating func gauge(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:],
        reading: @escaping @Sendable () -> Double?
    ) {
        add(.computed(reading), to: name, kind: .gauge, help: help, labels: labels)
    }

    /// - Parameters:
    ///   - name: ends in `_seconds`.
    ///   - buckets: the upper bounds in seconds, inclusive and rising, at most `Histogram.boundsMax`;
    ///     `+Inf` is added.
    package mutating func histogram(
        _ name: String, help: String, labels: KeyValuePairs<String, String> = [:], buckets: [Double]
    ) -> Histogram {
        precondition(name.hasSuffix("_seconds"), "a histogram's name ends in _seconds: \(name)")
        let histogram = Histogram(bounds: buckets)
        add(.histogram(histogram), to: name, kind: .histogram, help: help, labels: labels)
        return histogram
    }

    private mutating func add(
        _ reading: Series.Reading, to name: String, kind: Family.Kind, help: String,
        labels: KeyValuePairs<String, String>
    ) {
        precondition(isMetricName(name), "not a metric name: \(name)")
        precondition(labels.allSatisfy { isLabelName($0.key) }, "not a label name in \(name)")
        let names = labels.map(\.key).sorted()
        precondition(Set(names).count == names.count, "a label occurs twice in \(name)")
        let series = Series(labels: Series.text(of: labels), reading: reading)
        guard let index = families.firstIndex(where: { $0.name == name }) else {
            families.append(Family(name: name, kind: kind, help: help, labelNames: names, series: [series]))
            return
        }
        let family = families[index]
        precondition(family.kind == kind && family.help == help, "\(name) has two kinds or two helps")
        precondition(family.labelNames == names, "\(name) has two sets of labels")
        precondition(!family.series.contains { $0.labels == series.labels }, "\(name){\(series.labels)} exists")
        families[index].series.append(series)
    }
}

/// The series of one name.
struct Family: Sendable {
    enum Kind: String {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    let help: String
    let labelNames: [String]
    var series: [Series]
}

/// One combination of label values.
struct Series: Sendable {
    enum Reading: Sendable {
        case counter(Counter)
        case gauge(Gauge)
        case computed(@Sendable () -> Double?)
        case histogram(Histogram)
    }

    /// As they stand between the braces of the text format, sorted by name: equal texts are the same series.
    let labels: String
    let reading: Reading

    static func text(of labels: KeyValuePairs<String, String>) -> String {
        labels.sorted { $0.key < $1.key }
            .map { "\($0.key)=\"\(escapedLabelValue($0.value))\"" }
            .joined(separator: ",")
    }
}
