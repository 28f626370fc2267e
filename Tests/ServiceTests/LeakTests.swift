import Foundation
import TestSupport
import Testing

/// How many; nil: this takes another build of the service.
private let calls = ProcessInfo.processInfo.environment["HEARTBEAT_TEST_LEAK_CALLS"].flatMap { Int($0) }

/// `make leaks`: the service under the address and leak sanitizers, which look at its memory as it ends.
@Suite(.timeLimit(.minutes(30)), .enabled(if: calls != nil, "only make leaks sets HEARTBEAT_TEST_LEAK_CALLS"))
struct LeakTests {
    private static let callers = 16
    /// Most calls go well. Of the others each has its turn.
    private static let troubleEvery = 50
    private static let troubles = [
        "unknown", "throttle", "throttle:10", "500", "503", "reset", "cut-headers", "cut-body", "garbage", "large",
        "no-flag", "redirect", "validation", "denied", "slow:20", "expired-token", "skew", "bad-signature",
    ]

    private static func word(_ number: Int) -> String {
        let (turn, rest) = number.quotientAndRemainder(dividingBy: troubleEvery)
        return rest == 0 ? troubles[turn % troubles.count] : number.isMultiple(of: 3) ? "cancel" : "ok"
    }

    @Test func `no memory is lost, whatever comes of the calls`() async throws {
        let service = try Service([
            "LSAN_OPTIONS": "suppressions=\(Locations.packageRoot)/.ci/leaks.supp", "HEARTBEAT_LOG_LEVEL": "error",
        ])
        let each = (calls ?? 0) / Self.callers
        try await withThrowingTaskGroup { group in
            for caller in 0..<Self.callers {
                group.addTask { try await blocking { try Self.call(service, each, as: caller) } }
            }
            try await group.waitForAll()
        }
        let rows = try service.database.query("SELECT count(*) FROM heartbeat_audit WHERE attempts > 0")
        #expect(rows == [["\(each * Self.callers)"]])
        let exit = try service.process.terminate(within: .seconds(120))
        #expect(exit == .exited(0), "\(service.process.child.standardError.suffix(8000))")
    }

    /// One call after the other; what is answered is others' to test.
    private static func call(_ service: Service, _ count: Int, as caller: Int) throws {
        var client = try service.process.client()
        for number in 0..<count {
            let token = base64("\(word(number))#\(caller).\(number)")
            let answer = try client.post("/tasks/\(token)/heartbeat", headers: Service.headers)
            // The connection has had its share.
            if answer["Connection"] == "close" { client = try service.process.client() }
        }
    }
}
