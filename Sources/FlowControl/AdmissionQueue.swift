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
        func mostSilent(at seconds: Double) -> (index: Int, share: Double)? {
            entries.indices.lazy.map { ($0, entries[$0].silence.share(atSeconds: seconds)) }.max { $0.1 < $1.1 }
        }
    }

    private var lines: [String: Line] = [:]
    /// Of callers that were served and have none waiting now, as far as they are ahead of the others.
    private var turnsTaken: [String: Int] = [:]
    package private(set) var count = 0
    /// None has an earlier one: that of the first is looked for only where its time seems to have come.
    package private(set) var earliestDeadline: Moment?

    package init() {}

    package var isEmpty: Bool { count == 0 }

    /// Those who have something waiting.
    package var callers: some Collection<String> { lines.keys }

    package mutating func add(_ entry: Entry) {
        var line = lines.removeValue(forKey: entry.caller) ?? Line(turns: startingTurn(of: entry.caller))
        line.entries.append(entry)
        lines[entry.caller] = line
        count += 1
        earliestDeadline = min(earliestDeadline ?? entry.deadline, entry.deadline)
    }

    /// Takes out the next one.
    /// - Parameter isEligible: whether a caller may have another call under way.
    package mutating func next(
        at now: Moment, where isEligible: (String) -> Bool
    ) -> Entry? {
        let seconds = now.seconds
        var best: (caller: String, index: Int, turns: Int, share: Double)?
        for (caller, line) in lines where isEligible(caller) {
            if let best, line.turns > best.turns { continue }
            guard let (index, share) = line.mostSilent(at: seconds) else { continue }
            if let best, line.turns == best.turns, share <= best.share { continue }
            best = (caller, index, line.turns, share)
        }
        guard let best, var line = lines.removeValue(forKey: best.caller) else { return nil }
        let entry = line.entries.remove(at: best.index)
        line.turns += 1
        keep(line, of: best.caller)
        count -= 1
        if count == 0 { earliestDeadline = nil }
        return entry
    }

    /// How many would be served before this one if it came now and nobody after it.
    package func ahead(of entry: Entry, at now: Moment) -> Int {
        let seconds = now.seconds
        let share = entry.silence.share(atSeconds: seconds)
        let own = lines[entry.caller]?.entries.count { $0.silence.share(atSeconds: seconds) >= share } ?? 0
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
        earliestDeadline = lines.values.lazy.flatMap(\.entries).map(\.deadline).min()
        return gone
    }

    /// Takes out those whose deadline is not after a time.
    package mutating func removeLost(by time: Moment) -> [Entry] {
        guard let earliestDeadline, earliestDeadline <= time else { return [] }
        return removeAll { $0.deadline <= time }
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

    /// In seconds, as a queue of thousands is looked through for the longest.
    private let since: Double
    private let timeout: Double
    private let isTimeoutKnown: Bool
    /// When its caller was told to come back; nil: it was not.
    package let returnsAt: Moment?

    package init(since: Moment, timeout: Duration, returnsAt: Moment? = nil) {
        self.init(since: since, timeout: timeout, isTimeoutKnown: true, returnsAt: returnsAt)
    }

    /// - Parameter timeout: nil: not even that is known.
    package init(unknownAt now: Moment, timeout: Duration? = nil, returnsAt: Moment? = nil) {
        let assumed = timeout ?? Self.timeoutUnknown
        self.init(
            since: now - assumed * Self.shareUnknown, timeout: assumed, isTimeoutKnown: timeout != nil,
            returnsAt: returnsAt)
    }

    private init(since: Moment, timeout: Duration, isTimeoutKnown: Bool, returnsAt: Moment?) {
        self.since = since.seconds
        self.timeout = timeout / .seconds(1)
        self.isTimeoutKnown = isTimeoutKnown
        self.returnsAt = returnsAt
    }

    /// How long its caller may be sent away for: half of the time that is left, as there must be some for another try.
    /// nil: not known.
    package func absenceMax(at now: Moment) -> Duration? {
        isTimeoutKnown ? .seconds(max(0, since + timeout - now.seconds)) / 2 : nil
    }

    /// Of the task's timeout: at 1 the task is over.
    package func share(at now: Moment) -> Double {
        share(atSeconds: now.seconds)
    }

    /// - Parameter seconds: a moment's.
    func share(atSeconds seconds: Double) -> Double {
        (seconds - since) / timeout
    }
}
