/// Families of several registries, read once and summed.
struct MergedFamilies {
    struct Sample {
        enum Value {
            case integer(Int)
            case real(Double)
            case histogram(HistogramSnapshot)
        }

        let labels: String
        var value: Value
    }

    struct MergedFamily {
        let name: String
        let kind: Family.Kind
        let help: String
        var samples: [Sample] = []
        /// Where the sample of these labels is.
        var indices: [String: Int] = [:]
    }

    private(set) var families: [MergedFamily] = []
    private var indices: [String: Int] = [:]

    mutating func add(_ family: Family) {
        let index = indices[family.name] ?? families.count
        if index == families.count {
            indices[family.name] = index
            families.append(MergedFamily(name: family.name, kind: family.kind, help: family.help))
        }
        precondition(families[index].kind == family.kind, "\(family.name) has two kinds")
        for series in family.series {
            guard let value = Sample.Value(series.reading) else { continue }
            families[index].add(value, labels: series.labels)
        }
    }
}

extension MergedFamilies.MergedFamily {
    mutating func add(_ value: MergedFamilies.Sample.Value, labels: String) {
        guard let index = indices[labels] else {
            indices[labels] = samples.count
            samples.append(.init(labels: labels, value: value))
            return
        }
        samples[index].value.add(value)
    }
}

extension MergedFamilies.Sample.Value {
    /// nil: there is nothing to tell.
    init?(_ reading: Series.Reading) {
        switch reading {
        case .counter(let counter): self = .integer(counter.value)
        case .gauge(let gauge): self = .integer(gauge.value)
        case .histogram(let histogram): self = .histogram(histogram.snapshot)
        case .computed(let reading):
            guard let value = reading() else { return nil }
            self = .real(value)
        }
    }

    mutating func add(_ other: Self) {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): self = .integer(a &+ b)
        case (.real(let a), .real(let b)): self = .real(a + b)
        case (.integer(let a), .real(let b)), (.real(let b), .integer(let a)): self = .real(Double(a) + b)
        case (.histogram(var a), .histogram(let b)):
            precondition(a.bounds == b.bounds, "a histogram has two lists of buckets")
            a.add(b)
            self = .histogram(a)
        case (.histogram, _), (_, .histogram): preconditionFailure("a family has one kind")
        }
    }
}
