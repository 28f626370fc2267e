import Foundation
import TestSupport
import Testing

/// Balancers that pick the instance by the task.
@Suite(.serialized, .timeLimit(.minutes(10)))
struct HashingTests {
    private static let tasks = 12
    private static let heartbeatsOfEach = 4

    /// How many instances get heartbeats of each task; one connection for each heartbeat, as many callers have.
    private func instancesOfEachTask(
        _ kind: Proxy.Kind, _ example: ProxyExample, inBody: Bool = false
    ) throws -> [Set<Int>] {
        let cluster = try Cluster()
        let proxy = try Proxy(kind, example, before: cluster.instances)
        try proxy.awaitInstances()
        let numbers = (0...).lazy.filter { (Heartbeat.Form.of($0) == .inBody) == inBody }
        return try numbers.prefix(Self.tasks).map { number in
            let before = try cluster.instances.map(Self.recorded)
            for _ in 0..<Self.heartbeatsOfEach {
                _ = try Heartbeat(number, of: "hash").send(over: RawHTTPClient(port: proxy.port))
            }
            let after = try cluster.instances.map(Self.recorded)
            let more = zip(after, before).map { $0 - $1 }
            #expect(more.reduce(0, +) == Self.heartbeatsOfEach)
            return Set(more.indices.filter { more[$0] > 0 })
        }
    }

    private static func recorded(_ instance: ServiceProcess) throws -> Int {
        let metrics = try instance.operations("/metrics").text
        let line = metrics.firstMatch(of: /\nheartbeat_requests_total\{code="recorded",status="200"\} (\d+)/)
        return try #require(line.flatMap { Int($0.1) })
    }

    @Test(arguments: Proxy.Kind.allCases)
    func `a task's heartbeats stay on one instance, and tasks are on both`(kind: Proxy.Kind) throws {
        let instances = try instancesOfEachTask(kind, .hashed)
        #expect(instances.allSatisfy { $0.count == 1 })
        #expect(Set(instances).count == 2)
    }

    @Test(arguments: Proxy.Kind.allCases)
    func `heartbeats with the token in the body go to both`(kind: Proxy.Kind) throws {
        #expect(try instancesOfEachTask(kind, .hashed, inBody: true).reduce(Set()) { $0.union($1) }.count == 2)
    }

    @Test(arguments: Proxy.Kind.allCases)
    func `without the hash a task's heartbeats go to both`(kind: Proxy.Kind) throws {
        #expect(try instancesOfEachTask(kind, .plain).contains { $0.count == 2 })
    }
}
