import Fleet
import TestSupport
import Testing

/// The fleet of `make fleet` in a short form, over the same sockets.
@Suite(.timeLimit(.minutes(10)))
struct FleetTests {
    /// Ten times as many beats as SWF takes.
    private static let plan: Plan = {
        var plan = Plan()
        (plan.tasks, plan.timeout, plan.interval, plan.ramp, plan.seconds) = (200, 20, 1, 8, 24)
        (plan.cancellations, plan.rate) = (40, "20/s:60")
        return plan
    }()

    @Test func `through the service it lives within SWF's quota, and hears of cancellations`() throws {
        // A busy machine commits more slowly.
        let report = try Self.plan.runThroughFacade(.shared(), settings: ["HEARTBEAT_AUDIT_COMMIT_TIMEOUT": "15s"])
        let tally = report.tally
        #expect(report.lost == 0 && tally.gone == 0)
        #expect(tally.refusedCount * 1000 <= tally.beats, "\(tally)")
        #expect(report.throttled == 0)
        // Were most of them relayed, the rest would show nothing.
        #expect(tally.recorded > 2 * report.calls, "\(tally.recorded) of \(report.calls) calls")
        #expect(report.cancellations.count == 40 && report.told.count == 40)
        #expect(report.cancellations.allSatisfy { $0.missed == 0 })
    }

    @Test func `straight to SWF most of its beats are throttled, boto3's too`() throws {
        var plan = Self.plan
        (plan.seconds, plan.cancellations, plan.boto3Tasks) = (12, 0, 10)
        let report = try plan.runStraight()
        #expect(report.throttled > report.calls / 2)
        #expect(report.tally.refusedCount > 0 && report.tally.refused.keys.elementsEqual(["ThrottlingException"]))
        let boto3 = try #require(report.boto3)
        #expect(boto3.version.hasSuffix("retry mode legacy"))
        #expect(report.calls == report.tally.attempts + boto3.tally.attempts)
    }
}
