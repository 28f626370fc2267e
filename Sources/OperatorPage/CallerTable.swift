package import Heartbeat

/// Counts the heartbeats of callers, as many as there is room for.
package struct CallerTable: Sendable {
    package struct Tally: Sendable, Equatable {
        package var beats = 0
        /// Of these, those that were not recorded.
        package var failures = 0

        package init(beats: Int = 0, failures: Int = 0) {
            self.beats = beats
            self.failures = failures
        }

        package static func + (first: Self, second: Self) -> Self {
            Self(beats: first.beats + second.beats, failures: first.failures + second.failures)
        }
    }

    package typealias Tallies = [Caller.Identity: Tally]

    package static let callersMax = 512

    package private(set) var tallies: Tallies = [:]

    package init() {}

    /// Where all places are taken, those are forgotten that sent no more than most: half of them at least, so that not
    /// each newcomer of a crowd costs a search.
    package mutating func count(_ caller: Caller, isFailure: Bool) {
        let identity = caller.identity
        if let index = tallies.index(forKey: identity) { return tallies.values[index].add(isFailure: isFailure) }
        if tallies.count >= Self.callersMax {
            let median = tallies.values.map(\.beats).sorted()[Self.callersMax / 2]
            tallies = tallies.filter { $0.value.beats > median }
        }
        tallies[identity] = Tally(beats: 1, failures: isFailure ? 1 : 0)
    }

    /// What came between two moments. A caller that was forgotten meanwhile begins anew.
    static func difference(_ later: Tallies, _ earlier: Tallies) -> Tallies {
        later.reduce(into: [:]) { difference, entry in
            let (caller, now) = entry
            let before = earlier[caller].flatMap { $0.beats <= now.beats ? $0 : nil } ?? Tally()
            guard now.beats > before.beats else { return }
            difference[caller] = Tally(
                beats: now.beats - before.beats, failures: max(0, now.failures - before.failures))
        }
    }
}

extension CallerTable.Tally {
    fileprivate mutating func add(isFailure: Bool) {
        beats += 1
        if isFailure { failures += 1 }
    }
}
