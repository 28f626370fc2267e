import FlowControl
import Testing

struct IntervalRuleTests {
    @Test func `a quarter of the timeout, and up to four fifths of it while the rate is scarce`() {
        let rule = IntervalRule(heartbeatTimeout: .seconds(60))
        #expect(rule.interval(scarcity: 0) == .seconds(15))
        #expect(rule.interval(scarcity: 1) == .seconds(48))
        #expect(rule.interval(scarcity: 0.5) == .milliseconds(31_500))
        #expect(rule.flush == .seconds(30))
    }

    @Test func `an interval of the operator's is not stretched`() {
        let rule = IntervalRule(interval: .seconds(3))
        #expect(rule.interval(scarcity: 0) == .seconds(3))
        #expect(rule.interval(scarcity: 1) == .seconds(3))
    }
}
