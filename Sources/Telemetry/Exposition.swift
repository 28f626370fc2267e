/// The Prometheus text format 0.0.4: what `GET /metrics` answers.
package enum Exposition {
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// Sums the series that several registries share, and writes each family once, in the order of its first
    /// appearance. Registries that share a name are built by the same code: two kinds or two lists of buckets under
    /// one name stop the process.
    package static func render(_ registries: [Registry]) -> [UInt8] {
        var merged = MergedFamilies()
        for registry in registries {
            for family in registry.families {
                merged.add(family)
            }
        }
        var text = ""
        for family in merged.families where !family.samples.isEmpty {
            text += "# HELP \(family.name) \(escapedHelp(family.help))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples {
                write(sample, of: family.name, to: &text)
            }
        }
        return Array(text.utf8)
    }

    private static func write(_ sample: MergedFamilies.Sample, of name: String, to text: inout String) {
        switch sample.value {
        case .integer(let value): writeLine(name, sample.labels, String(value), to: &text)
        case .real(let value): writeLine(name, sample.labels, numeral(value), to: &text)
        case .histogram(let snapshot): write(snapshot, labels: sample.labels, of: name, to: &text)
        }
    }

    private static func write(
        _ snapshot: HistogramSnapshot, labels: String, of name: String, to text: inout String
    ) {
        let separator = labels.isEmpty ? "" : ","
        var cumulative = 0
        for (bound, count) in zip(snapshot.bounds + [.infinity], snapshot.counts) {
            cumulative += count
            let bucket = "\(labels)\(separator)le=\"\(numeral(bound))\""
            writeLine("\(name)_bucket", bucket, String(cumulative), to: &text)
        }
        writeLine("\(name)_sum", labels, seconds(nanoseconds: snapshot.sumInNanoseconds), to: &text)
        writeLine("\(name)_count", labels, String(cumulative), to: &text)
    }

    private static func writeLine(_ name: String, _ labels: String, _ value: String, to text: inout String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }
}
