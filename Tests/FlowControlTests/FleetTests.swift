import FlowControl
import Foundation
import Heartbeat
import Testing

/// Runs fleets made by chance; of one that fails, the smallest part that still does is shown.
private func expect(
    _ shape: Fleet.Shape, seeds: Range<UInt64>, sourceLocation: SourceLocation = #_sourceLocation,
    _ check: (Model) throws -> Void
) {
    let chance = UInt64.random(in: 0..<UInt64.max / 2)
    func fault(_ fleet: Fleet) -> (any Error)? {
        var model = Model(fleet)
        do {
            try model.run()
            try check(model)
            return nil
        } catch {
            return error
        }
    }
    for seed in seeds {
        let fleet = Fleet(shape, seed: chance + seed)
        guard fault(fleet) != nil else { continue }
        let smallest = fleet.shrunk { fault($0) != nil }
        let reason = fault(smallest).map { "\($0)" } ?? ""
        Issue.record("\(reason)\n\(smallest)", sourceLocation: sourceLocation)
        return
    }
}

struct FleetTests {
    @Test func `calm: every task lives, every status is true, the last details and cancellations arrive`() {
        expect(Fleet.Shape(tasks: 3000), seeds: 0..<2) { model in
            try model.checkTruth()
            try model.checkLives(grace: Model.slack)
            try model.checkDetails()
            try model.checkCancellations()
            try model.checkRefusals(max: 0)
        }
    }

    @Test func `an interval of the operator's: the same, of tasks whose workers say nothing`() {
        // Most beats come nearer together than this, and no task times out within it.
        let shape = Fleet.Shape(tasks: 500, timeouts: 10...60, saying: 0.2, gaps: 0.01...0.1, interval: 3000)
        expect(shape, seeds: 0..<2) { model in
            try model.checkTruth()
            try model.checkLives(grace: .seconds(3) + Model.slack)
            try model.checkDetails()
            try model.checkCancellations()
            try model.checkRefusals(max: 0)
            if model.beats.count > 1000, model.sent.count * 3 > model.beats.count * 2 {
                throw Model.Fault(description: "\(model.sent.count) calls for \(model.beats.count) beats")
            }
        }
    }

    @Test func `a scarce known rate is never exceeded, and suffices for tasks that say their timeout`() {
        // 60 beats a second, of which 7 may go to SWF; at four fifths of a minute 300 tasks need 6.3.
        let limit = RateLimit(rate: 7, burst: 90)
        let shape = Fleet.Shape(
            tasks: 300, timeouts: 60...60, saying: 1, gaps: 0.08...0.09, seconds: 240, rampSeconds: 45, limit: limit,
            rule: .known(limit))
        expect(shape, seeds: 0..<2) { model in
            try model.checkTruth()
            try model.checkRate()
            try model.checkLives(grace: Model.slack)
            try model.checkCancellations()
            try model.checkRefusals(max: model.beats.count / 1000)
        }
    }

    @Test func `7,000 tasks with a minute's timeout that beat every 5 seconds live within SWF's own quota`() {
        let limit = RateLimit(rate: 160, burst: 2000)
        // `make soak` has ten minutes of it.
        let isLong = ProcessInfo.processInfo.environment["HEARTBEAT_TEST_SOAK"] != nil
        let shape = Fleet.Shape(
            tasks: 7000, timeouts: 60...60, saying: 1, gaps: 0.083...0.084, seconds: isLong ? 640 : 180,
            rampSeconds: 40, limit: limit, rule: .known(limit))
        expect(shape, seeds: 0..<1) { model in
            try model.checkTruth()
            try model.checkRate()
            try model.checkLives(grace: Model.slack)
            try model.checkCancellations()
            try model.checkRefusals(max: model.beats.count / 1000)
        }
    }

    /// 700 tasks that begin within a second: a tenth of 7,000, at a tenth of SWF's own quota.
    private func start(wait: Int) -> Fleet.Shape {
        let limit = RateLimit(rate: 16, burst: 200)
        return Fleet.Shape(
            tasks: 700, timeouts: 60...60, saying: 1, gaps: 0.083...0.084, seconds: 50, rampSeconds: 1, limit: limit,
            rule: .known(limit), wait: wait, isPatient: true)
    }

    @Test func `a fleet that starts at once is refused nothing where its callers are ready to wait`() {
        expect(start(wait: 60), seeds: 0..<1) { model in
            try model.checkTruth()
            try model.checkRate()
            try model.checkLives(grace: Model.slack)
            try model.checkRefusals(max: 0)
        }
    }

    @Test func `else those who come back when they are told to are served in time for their tasks`() {
        expect(start(wait: 6), seeds: 0..<1) { model in
            try model.checkTruth()
            try model.checkRate()
            try model.checkLives(grace: Model.slack)
            // 296 can be served in time at first: each of the others is refused at least once.
            try model.checkRefusals(max: 700 * 5 / 4)
        }
    }

    @Test func `a known rate that does not suffice is not exceeded either`() {
        let limit = RateLimit(rate: 5, burst: 20)
        expect(Fleet.Shape(tasks: 200, seconds: 60, limit: limit, rule: .known(limit)), seeds: 0..<3) { model in
            try model.checkTruth()
            try model.checkRate()
        }
    }

    @Test func `a rate that must be learnt costs no task its life`() {
        let shape = Fleet.Shape(
            tasks: 300, timeouts: 60...60, saying: 1, gaps: 0.08...0.09, seconds: 240, rampSeconds: 45,
            limit: RateLimit(rate: 10, burst: 100), rule: .learnt)
        expect(shape, seeds: 0..<2) { model in
            try model.checkTruth()
            try model.checkLives(grace: .seconds(5))
        }
    }

    // MARK: Others

    /// Twenty tasks of two callers that beat each second, and others.
    private func fleet(
        and others: [Fleet.Task], beatingEach interval: Int, limit: RateLimit, rule: AccountRate.Rule
    ) -> Fleet {
        let tasks = (0..<20).map { Fleet.Task(timeout: 60, saysTimeout: false, caller: "caller-\($0 % 2)") } + others
        var events: [(at: Int, event: Fleet.Event)] = []
        for task in tasks.indices {
            let period = task < 20 ? 1000 : interval
            for beat in 0..<(30_000 / period) {
                events.append((task * 37 % period + beat * period, .beat(task: task)))
            }
        }
        return Fleet(
            tasks: tasks, events: events.sorted { $0.at < $1.at }, limit: limit, rule: rule, isPatient: true, seed: 1)
    }

    /// Of the twenty tasks' beats.
    private func longestDelay(_ fleet: Fleet) throws -> Duration {
        var model = Model(fleet)
        try model.run()
        var longest = Duration.zero
        for beat in model.beats where beat.task < 20 {
            guard case .fresh = beat.answer, let answeredAt = beat.answeredAt else {
                throw Model.Fault(description: "a beat of task \(beat.task) is not relayed")
            }
            longest = max(longest, answeredAt - beat.at)
        }
        return longest
    }

    @Test func `two tasks whose calls SWF does not answer delay nobody else's beats`() throws {
        let silent = Fleet.Task(timeout: 60, saysTimeout: false, caller: "slow", isSilent: true)
        var fleet = fleet(
            and: [silent, silent], beatingEach: 100, limit: RateLimit(rate: 1000, burst: 1000), rule: .unlimited)
        // A call of each goes every second: forty hang together, if they may.
        (fleet.wait, fleet.callsMax) = (20, 32)
        #expect(try longestDelay(fleet) <= Model.latencyMax)
    }

    @Test func `a greedy caller delays nobody else's beats by more than the turns of the callers before him`() throws {
        let greedy = (0..<500).map { _ in Fleet.Task(timeout: 60, saysTimeout: false, caller: "greedy") }
        // 20 of 50 calls a second are the others'; the greedy one asks for 500.
        let limit = RateLimit(rate: 50, burst: 100)
        let fleet = fleet(and: greedy, beatingEach: 1000, limit: limit, rule: .known(limit))
        // Up to ten beats of each of the others come together.
        #expect(try longestDelay(fleet) <= Model.latencyMax + .milliseconds(20) * 3)
    }

    @Test func `an outage costs no task its life that would have lived through it`() {
        expect(Self.outages, seeds: 0..<3) { model in
            try model.checkTruth()
            try model.checkLives(grace: .seconds(12))
            try model.checkDetails(isPunctual: false)
        }
    }

    private static let outages = Fleet.Shape(tasks: 300, timeouts: 30...120, seconds: 200, outages: 3)

    @Test func `an outage just after another one may`() throws {
        // A task here has 58 seconds, and beats after 43, while the circuit is still open; the next outage begins
        // before it comes again.
        var model = Model(Fleet(Self.outages, seed: 5_476_556_830_592_053_054))
        try model.run()
        try model.checkLives(grace: .seconds(12))
    }
}
