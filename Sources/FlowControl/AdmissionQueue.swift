package import Heartbeat

/// Calls that wait until they may be sent to SWF.
///
/// Fair between callers: they take turns (start-time fair queueing, Goyal, Vin and Cheng, 1996), so that one with a
/// thousand tasks that wait holds nobody else up. Within that, the task goes first that has been silent for the largest
/// share of its timeout.
package struct AdmissionQueue: Sendable {
    package struct Entry: Sendable, Equatable {
        package let id: Int
        package let caller: String
        package let silence: Silence
        /// It is of no use afterwards.
        package let deadline: Moment

        package init(id: Int, caller: String, silence: Silence, deadline: Moment) {
            self.id = id
            self.caller = caller
            self.silence = silence
            self.deadline = deadline
        }
    }

    /// What one caller has waiting.
    private struct Line: Sendable {
        /// How many turns the caller has had: who has had the fewest is next.
        var turns: Int
        /// In the order in which they came.
        var entries: [Entry] = []

        /// - Returns: nil where there is none.
        func mostSilent(at now: Moment) -> (index: Int, share: Double)? {
            entries.indices.lazy.map { ($0, entries[$0].silence.share(at: now)) }.max { $0.1 < $1.1 }
        }
    }

    private var lines: [String: Line] = [:]
    /// Of callers that were served and have none waiting now, as far as they are ahead of the others.
    private var turnsTaken: [String: Int] = [:]
    package private(set) var count = 0

    package init() {}

    package var isEmpty: Bool { count == 0 }

    package mutating func add(_ entry: Entry) {
        var line = lines.removeValue(forKey: entry.caller) ?? Line(turns: startingTurn(of: entry.caller))
        line.entries.append(entry)
        lines[entry.caller] = line
        count += 1
    }

    /// Takes out the next one.
    /// - Parameter isEligible: whether a caller may have another call under way.
    package mutating func next(
        at now: Moment, where isEligible: (String) -> Bool
    ) -> Entry? {
        var best: (caller: String, index: Int, turns: Int, share: Double)?
        for (caller, line) in lines where isEligible(caller) {
            if let best, line.turns > best.turns { continue }
            guard let (index, share) = line.mostSilent(at: now) else { continue }
            if let best, line.turns == best.turns, share <= best.share { continue }
            best = (caller, index, line.turns, share)
        }
        guard let best, var line = lines.removeValue(forKey: best.caller) else { return nil }
        let entry = line.entries.remove(at: best.index)
        line.turns += 1
        keep(line, of: best.caller)
        count -= 1
        return entry
    }

    /// How many would be served before this one if it came now and nobody after it.
    package func ahead(of entry: Entry, at now: Moment) -> Int {
        let share = entry.silence.share(at: now)
        let own = lines[entry.caller]?.entries.count { $0.silence.share(at: now) >= share } ?? 0
        let turn = (lines[entry.caller]?.turns ?? startingTurn(of: entry.caller)) + own
        return lines.reduce(own) { sum, line in
            guard line.key != entry.caller else { return sum }
            return sum + min(line.value.entries.count, max(0, turn - line.value.turns + 1))
        }
    }

    /// Takes out those that this is true of.
    package mutating func removeAll(where shouldGo: (Entry) -> Bool) -> [Entry] {
        var gone: [Entry] = []
        for (caller, line) in lines where line.entries.contains(where: shouldGo) {
            gone += line.entries.filter(shouldGo)
            var rest = line
            rest.entries.removeAll(where: shouldGo)
            lines[caller] = nil
            keep(rest, of: caller)
        }
        count -= gone.count
        return gone
    }

    package var earliestDeadline: Moment? {
        lines.values.lazy.flatMap(\.entries).map(\.deadline).min()
    }

    private var fewestTurns: Int { lines.values.lazy.map(\.turns).min() ?? 0 }

    /// Nobody saves up turns while he has nothing to send.
    private func startingTurn(of caller: String) -> Int {
        max(fewestTurns, turnsTaken[caller] ?? 0)
    }

    private mutating func keep(_ line: Line, of caller: String) {
        if !line.entries.isEmpty {
            lines[caller] = line
            turnsTaken[caller] = nil
        } else if lines.isEmpty {
            turnsTaken = [:]
        } else {
            let fewest = fewestTurns
            turnsTaken[caller] = line.turns
            turnsTaken = turnsTaken.filter { $0.value > fewest }
        }
    }
}

/// How long a task has not been heard of at SWF.
package struct Silence: Sendable, Equatable {
    /// Of a task that nothing is known of yet.
    private static let shareUnknown = 0.5
    private static let timeoutUnknown = Duration.seconds(60)

    private let since: Moment
    private let timeout: Duration

    package init(since: Moment, timeout: Duration) {
        self.since = since
        self.timeout = timeout
    }

    /// - Parameter timeout: nil: not even that is known.
    package init(unknownAt now: Moment, timeout: Duration? = nil) {
        self.timeout = timeout ?? Self.timeoutUnknown
        since = now - self.timeout * Self.shareUnknown
    }

    /// Of the task's timeout: at 1 the task is over.
    package func share(at now: Moment) -> Double {
        (now - since) / timeout
    }
}
