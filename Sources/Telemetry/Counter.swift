import Synchronization

/// A count that only grows.
///
/// Any thread may add: relaxed ordering suffices, for a scrape promises no order between two series.
package final class Counter: Sendable {
    private let total = Atomic<Int>(0)

    init() {}

    package func increment() {
        add(1)
    }

    /// - Parameter amount: not negative.
    package func add(_ amount: Int) {
        total.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: Int {
        total.load(ordering: .relaxed)
    }
}

/// A number that goes up and down.
///
/// Registries are merged by summing, so each of them holds its own share: the connections of one loop, not of all.
package final class Gauge: Sendable {
    private let current = Atomic<Int>(0)

    init() {}

    package func set(_ value: Int) {
        current.store(value, ordering: .relaxed)
    }

    package func add(_ amount: Int) {
        current.wrappingAdd(amount, ordering: .relaxed)
    }

    package var value: Int {
        current.load(ordering: .relaxed)
    }
}
