import Synchronization

/// How long the answers of each phase took, for a report.
final class Latencies: Sendable {
    private struct Phase {
        let name: String
        var samples: [Duration] = []
        var refused = 0
    }

    private let phases = Mutex<[Phase]>([])

    /// What is noted from now on belongs to a phase of that name; before the first one nothing is kept.
    func begin(_ name: String) {
        phases.withLock { $0.append(Phase(name: name)) }
    }

    func note(_ duration: Duration, _ answer: Answer) {
        phases.withLock { phases in
            guard let last = phases.indices.last else { return }
            if answer.isPromise { phases[last].samples.append(duration) } else { phases[last].refused += 1 }
        }
    }

    /// A line a phase.
    var report: String {
        phases.withLock { $0 }.map { phase in
            let sorted = phase.samples.sorted()
            func quantile(_ share: Double) -> String {
                guard !sorted.isEmpty else { return "-" }
                let value = sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
                return "\((value / .microseconds(10)).rounded() / 100) ms"
            }
            return "\(phase.name): \(sorted.count) answers, p50 \(quantile(0.5)), p99 \(quantile(0.99)), "
                + "longest \(quantile(1)), refused \(phase.refused)"
        }.joined(separator: "\n")
    }
}
