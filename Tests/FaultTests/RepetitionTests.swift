import Synchronization
import TestSupport
import Testing

/// The driver's rule that a heartbeat which fails is sent once again, which must succeed.
struct RepetitionTests {
    struct Example: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// What becomes of the first heartbeat, of the next one, and so on; the last one holds for all that follow.
        var steps: [String]
        var isViolation: Bool
    }

    private static let ok =
        "HTTP/1.1 200 OK\r\nX-Request-Id: ID\r\nContent-Length: 25\r\n\r\n{\"cancelRequested\":false}"
    private static let unknown = problem("404 Not Found", code: "unknown_task")
    private static let refused = problem("503 Service Unavailable", code: "audit_unavailable", "retry-after: 1\r\n")
    private static let ofBalancer = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\n<ht>"
    private static let none = ""

    private static func problem(_ status: String, code: String, _ fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\n\(fields)x-request-id: ID\r\ncontent-length: \(code.utf8.count + 11)\r\n\r\n"
            + "{\"code\":\"\(code)\"}"
    }

    static let examples = [
        Example(testDescription: "all is well", steps: [ok], isViolation: false),
        Example(testDescription: "an answer that no retry changes", steps: [unknown], isViolation: false),
        Example(testDescription: "refused once", steps: [refused, ok], isViolation: false),
        Example(testDescription: "refused again", steps: [refused, refused, ok], isViolation: true),
        Example(testDescription: "the balancer's once", steps: [ofBalancer, ok], isViolation: false),
        Example(testDescription: "the balancer's again", steps: [ofBalancer, ofBalancer, ok], isViolation: true),
        Example(testDescription: "no answer once", steps: [none, ok], isViolation: false),
        Example(testDescription: "no answer, and refused", steps: [none, refused, ok], isViolation: true),
        Example(testDescription: "refused now and then", steps: [refused, ok, refused, ok], isViolation: false),
    ]

    @Test(arguments: examples)
    func `a retry that fails is found`(example: Example) throws {
        let steps = example.steps
        let counter = Counter()
        let server = try StubServer { request in
            let step = steps[min(counter.next(), steps.count - 1)]
            guard step != Self.none else { return [.close] }
            return [.send(step.replacing("ID", with: request.values(of: "X-Request-Id")[0]))]
        }
        let driver = try LoadDriver(
            prefix: "t", ports: [server.port], LoadDriver.Settings(connections: 1, isRepeating: true))
        try server.waitForRequests(steps.count + 1)
        let tally = driver.finish()
        #expect(!tally.violations.isEmpty == example.isViolation, "\(tally)")
        // The same task's heartbeat goes out anew.
        let lines = server.requests.map(\.line)
        for index in 1..<steps.count where !example.isViolation && steps[index - 1] != Self.ok {
            #expect(lines[index] == lines[index - 1])
        }
    }
}

/// How many heartbeats have come.
private final class Counter: Sendable {
    private let value = Mutex(0)

    func next() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
