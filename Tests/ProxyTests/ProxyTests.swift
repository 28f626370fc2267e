import Foundation
import TestSupport
import Testing

/// The service as it is run: two instances behind a proxy that keeps connections to them.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct ProxyTests {
    /// How many heartbeats go through each proxy: `make proxies` sends more.
    private static let heartbeats = number("HEARTBEAT_TEST_PROXY_HEARTBEATS", otherwise: 3000)
    private static let restarts = number("HEARTBEAT_TEST_PROXY_RESTARTS", otherwise: 4)
    private static let callers = 32

    private static func number(_ variable: String, otherwise: Int) -> Int {
        ProcessInfo.processInfo.environment[variable].flatMap { Int($0) } ?? otherwise
    }

    @Test(arguments: Proxy.Kind.allCases)
    func `each call gets its own answer, and its row has its own token`(kind: Proxy.Kind) throws {
        let cluster = try Cluster()
        let proxy = try Proxy(kind, before: cluster.instances)
        let each = Self.heartbeats / Self.callers
        let tally = Callers(Self.callers, of: "call", port: proxy.port, heartbeatsEach: each).finish()
        #expect(tally.failures == [])
        #expect(tally.answered == each * Self.callers)
        #expect(try cluster.database.query("SELECT count(*) FROM heartbeat_audit") == [["\(tally.answered)"]])
        #expect(try cluster.database.query(Heartbeat.trueRows) == [["\(tally.answered)"]])
        let kept = try cluster.instances.filter {
            try $0.operations("/metrics").text.contains(/heartbeat_connections\{state="idle"\} [1-9]/)
        }
        #expect(!kept.isEmpty, "the proxy keeps connections to the service")
        withExtendedLifetime(proxy) {}
    }

    @Test(arguments: Proxy.Kind.allCases)
    func `instances restart in turn and no call fails`(kind: Proxy.Kind) throws {
        let cluster = try Cluster()
        try restartInTurn(cluster, behind: try Proxy(kind, before: cluster.instances))
    }

    @Test(arguments: Proxy.Kind.allCases)
    func `with a drain delay no call fails, though the proxy repeats none`(kind: Proxy.Kind) throws {
        let cluster = try Cluster(settings: ["HEARTBEAT_DRAIN_DELAY": "2s"])
        let proxy = try Proxy(kind, before: cluster.instances, change: kind.sendingOnce)
        try restartInTurn(cluster, behind: proxy)
    }

    private func restartInTurn(_ cluster: Cluster, behind proxy: Proxy) throws {
        let callers = Callers(Self.callers, of: "restart", port: proxy.port)
        for restart in 0..<Self.restarts {
            callers.awaitAnswers(Self.callers)
            try cluster.restart(restart % 2)
            try proxy.awaitInstances()
        }
        callers.awaitAnswers(Self.callers)
        let tally = callers.finish()
        #expect(tally.failures == [], "\(proxy.complaints)")
        #expect(tally.answered >= (Self.restarts + 1) * Self.callers)
        withExtendedLifetime(proxy) {}
    }
}

extension Proxy.Kind: CustomTestStringConvertible {
    public var testDescription: String { rawValue }
}
