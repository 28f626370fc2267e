import Heartbeat
import Telemetry
import Testing

@testable import OperatorPage

struct WindowTests {
    private static let start = Moment.now

    /// Looks at counters of recorded heartbeats, at these seconds.
    private static func window(_ looks: [(seconds: Double, beats: Int)]) -> Window {
        var window = Window()
        for (seconds, beats) in looks { window.look(.sample([nil: beats]), at: start + .seconds(seconds)) }
        return window
    }

    @Test func `one look tells nothing of what came lately`() {
        let window = Self.window([(0, 1000)])
        #expect(window.recent == nil)
        #expect(window.latest?.beats == 1000)
        #expect(window.history == [])
    }

    @Test func `what came is told by the time that has passed`() throws {
        let recent = try #require(Self.window([(0, 1000), (0.5, 1020)]).recent)
        #expect(recent.seconds == 0.5)
        #expect(recent.totals.beats == 20)
        #expect(recent.perSecond(recent.totals.beats) == 40)
    }

    @Test func `recent is the last ten seconds`() throws {
        let looks = (0...30).map { (seconds: Double($0), beats: $0 < 15 ? $0 * 100 : 1500) }
        let recent = try #require(Self.window(looks).recent)
        #expect(recent.seconds == 10)
        #expect(recent.totals.beats == 0)
        let earlier = try #require(Self.window(Array(looks.prefix(18))).recent)
        #expect(earlier.totals.beats == 800)
    }

    @Test func `after a pause recent is as long as the pause`() throws {
        let recent = try #require(Self.window([(0, 0), (1, 10), (41, 50)]).recent)
        #expect(recent.seconds == 40)
        #expect(recent.totals.beats == 40)
    }

    @Test func `the history is a minute of looks`() {
        let looks = (0...100).map { (seconds: Double($0), beats: $0 * $0) }
        let history = Self.window(looks).history
        #expect(history.count == Window.historyMax)
        #expect(history.last == 199)
        #expect(history.first == 81)
    }

    @Test func `a second look at the same moment is none`() {
        let window = Self.window([(0, 0), (1, 10), (1, 20)])
        #expect(window.history == [10])
        #expect(window.latest?.beats == 10)
    }

    @Test func `the difference is of outcomes, latency and callers alike`() throws {
        var window = Window()
        let caller = Caller("a").identity
        window.look(
            .sample([nil: 5], latency: [5, 0, 0, 0], callers: [caller: .init(beats: 5)]), at: Self.start)
        window.look(
            .sample(
                [nil: 7, .unknownTask: 2], latency: [5, 2, 2, 0], callers: [caller: .init(beats: 9, failures: 2)]),
            at: Self.start + .seconds(1))
        let totals = try #require(window.recent).totals
        #expect(totals.outcomes == [nil: 2, .unknownTask: 2])
        #expect(totals.latency.counts == [0, 2, 2, 0])
        #expect(totals.callers == [caller: .init(beats: 4, failures: 2)])
        #expect(totals.beats { $0 == 404 } == 2)
        #expect(totals.committedRows == 0)
    }

    @Test func `loops add up`() {
        let a = Caller("a").identity
        let b = Caller("b").identity
        let sum =
            Totals.sample([nil: 1, .draining: 1], latency: [1, 0, 0, 1], callers: [a: .init(beats: 2, failures: 1)])
            + Totals.sample(
                [nil: 2, .overloaded: 3], latency: [2, 0, 3, 0], callers: [a: .init(beats: 1), b: .init()])
        #expect(sum.outcomes == [nil: 3, .draining: 1, .overloaded: 3])
        #expect(sum.latency.counts == [3, 0, 3, 1])
        #expect(sum.callers == [a: .init(beats: 3, failures: 1), b: .init()])
        #expect(sum.committedRows == 14)
        #expect(sum.coalesced == 2)
    }
}
