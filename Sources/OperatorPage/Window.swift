package import Heartbeat

/// Looks at the counters again and again, and tells what came lately.
package struct Window: Sendable {
    /// What came between two looks.
    package struct Change: Sendable {
        /// Above 0.
        package let seconds: Double
        package let totals: Totals

        package init(seconds: Double, totals: Totals) {
            self.seconds = seconds
            self.totals = totals
        }

        package func perSecond(_ count: Int) -> Double { Double(count) / seconds }
    }

    /// `recent` goes back so far, or to the first look.
    package static let span = Duration.seconds(10)
    package static let historyMax = 60

    private var looks: [(at: Moment, totals: Totals)] = []
    /// Heartbeats a second, from look to look, the oldest first.
    package private(set) var history: [Double] = []

    package init() {}

    package mutating func look(_ totals: Totals, at now: Moment) {
        if let last = looks.last {
            guard now > last.at else { return }
            history.append(Double(totals.beats - last.totals.beats) / ((now - last.at) / .seconds(1)))
            if history.count > Self.historyMax { history.removeFirst() }
        }
        looks.append((now, totals))
        while looks.count > 2, now - looks[1].at >= Self.span { looks.removeFirst() }
    }

    package var latest: Totals? { looks.last?.totals }

    /// nil: there were not two looks yet.
    package var recent: Change? {
        guard let first = looks.first, let last = looks.last, last.at > first.at else { return nil }
        return Change(seconds: (last.at - first.at) / .seconds(1), totals: last.totals - first.totals)
    }
}
