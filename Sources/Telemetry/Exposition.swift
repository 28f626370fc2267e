/// What `GET /metrics` answers: all series of some registries.
package enum Exposition {
    /// How metrics are written down. The raw value is the media type.
    package enum Format: String, Sendable, CaseIterable {
        /// Prometheus' own, version 0.0.4.
        case text = "text/plain"
        /// OpenMetrics 1.0, which has units and exemplars.
        case openMetrics = "application/openmetrics-text"

        package var contentType: String {
            switch self {
            case .text: "\(rawValue); version=0.0.4; charset=utf-8"
            case .openMetrics: "\(rawValue); version=1.0.0; charset=utf-8"
            }
        }
    }

    /// Sums the series that several registries share, and writes each family once, in the order of its first
    /// appearance. Registries that share a name are built by the same code: two kinds or two lists of buckets under
    /// one name stop the process.
    package static func render(_ registries: [Registry], as format: Format = .text) -> [UInt8] {
        var merged = MergedFamilies()
        for registry in registries {
            for family in registry.families {
                merged.add(family)
            }
        }
        var page = MetricsPage(format: format)
        for family in merged.families where !family.samples.isEmpty {
            page.add(family)
        }
        return page.end()
    }
}

/// The lines so far.
private struct MetricsPage {
    let format: Exposition.Format
    private var text = ""

    init(format: Exposition.Format) {
        self.format = format
    }

    consuming func end() -> [UInt8] {
        if format == .openMetrics { text += "# EOF\n" }
        return Array(text.utf8)
    }

    mutating func add(_ family: MergedFamilies.MergedFamily) {
        let name = format == .openMetrics ? family.openMetricsName : family.name
        text += "# HELP \(name) \(help(family))\n# TYPE \(name) \(family.kind.rawValue)\n"
        if format == .openMetrics, let unit = openMetricsUnit(of: name) { text += "# UNIT \(name) \(unit)\n" }
        for sample in family.samples {
            switch sample.value {
            case .integer(let value): addLine(family.name, sample.labels, String(value))
            case .real(let value): addLine(family.name, sample.labels, numeral(value))
            case .histogram(let snapshot): add(snapshot, labels: sample.labels, of: family.name)
            }
        }
    }

    private func help(_ family: MergedFamilies.MergedFamily) -> String {
        format == .openMetrics ? escapedLabelValue(family.help) : escapedHelp(family.help)
    }

    private mutating func add(_ snapshot: HistogramSnapshot, labels: String, of name: String) {
        let separator = labels.isEmpty ? "" : ","
        var cumulative = 0
        for (index, bound) in (snapshot.bounds + [.infinity]).enumerated() {
            cumulative += snapshot.counts[index]
            // A bound that is a whole number: OpenMetrics has one form for it, the older format any.
            let bound = format == .openMetrics && bound.isFinite ? bound.description : numeral(bound)
            let exemplar = snapshot.exemplars[index]
            addLine(
                "\(name)_bucket", "\(labels)\(separator)le=\"\(bound)\"", String(cumulative),
                format == .openMetrics ? exemplar.map(suffix) ?? "" : "")
        }
        addLine("\(name)_sum", labels, seconds(nanoseconds: snapshot.sumInNanoseconds))
        addLine("\(name)_count", labels, String(cumulative))
    }

    private func suffix(_ exemplar: Exemplar) -> String {
        let value = seconds(nanoseconds: exemplar.nanoseconds)
        return " # {trace_id=\"\(escapedLabelValue(exemplar.traceID))\"} \(value) \(Double(exemplar.at) / 1e6)"
    }

    private mutating func addLine(_ name: String, _ labels: String, _ value: String, _ suffix: String = "") {
        text += labels.isEmpty ? "\(name) \(value)\(suffix)\n" : "\(name){\(labels)} \(value)\(suffix)\n"
    }
}

extension MergedFamilies.MergedFamily {
    /// A counter's family goes without the suffix that its samples have.
    fileprivate var openMetricsName: String {
        kind == .counter && name.hasSuffix("_total") ? String(name.dropLast("_total".count)) : name
    }
}

/// The base unit that a family's name ends with; nil: none.
private func openMetricsUnit(of name: String) -> String? {
    ["seconds", "bytes"].first { name.hasSuffix("_\($0)") }
}
