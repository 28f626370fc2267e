import EventLoop
import Testing

@testable import Audit

@Suite(.timeLimit(.minutes(10)))
struct AuditStatusTests {
    @Test func `the first fault is told`() {
        let statuses = [AuditStatus(), AuditStatus(), AuditStatus()]
        statuses[0].fault = nil
        statuses[2].fault = "away"
        #expect(AuditStatus.fault(of: statuses) == "not connected yet")
        statuses[1].fault = nil
        #expect(AuditStatus.fault(of: statuses) == "away")
        statuses[2].fault = nil
        #expect(AuditStatus.fault(of: statuses) == nil)
    }

    @Test func `a status may change while it is looked at`() {
        let status = AuditStatus()
        let changes = Thread(named: "changes") {
            for count in 0..<200_000 { status.fault = count.isMultiple(of: 2) ? nil : "away" }
        }
        var seen: Set<String?> = []
        while status.isInitial { seen.insert(AuditStatus.fault(of: [status])) }
        for _ in 0..<200_000 { seen.insert(AuditStatus.fault(of: [status])) }
        changes.join()
        #expect(seen.isSubset(of: ["not connected yet", nil, "away"]))
        #expect(AuditStatus.fault(of: [status]) == "away")
    }
}
