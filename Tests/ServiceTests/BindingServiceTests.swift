import Authentication
import EventLoop
import Foundation
import Synchronization
import TestSupport
import Testing

/// Services of one database that bind tasks to their first callers, of whom there are `a`, `b` and `admin`.
private struct Bound {
    let simulator: SimulatorProcess
    let server: PrivatePostgreSQL
    let spool: TemporaryDirectory
    private let environment: [String: String]
    private let keys: [String: String]

    init() throws {
        simulator = try SimulatorProcess()
        server = try PrivatePostgreSQL()
        spool = try TemporaryDirectory()
        var keys: [String: String] = [:]
        var lines = ""
        for (name, scopes) in [("a", "heartbeat"), ("b", "heartbeat"), ("admin", "admin")] {
            let key = try APIKey.generate()
            keys[name] = key.secret
            lines += "\(name):\(key.sha256Hex):\(scopes)\n"
        }
        self.keys = keys
        environment = Service.environment(simulator, server.database.tcpConnectionString).merging([
            "HEARTBEAT_API_KEYS": lines, "HEARTBEAT_BIND_TASKS": "first-caller",
        ]) { _, new in new }
    }

    /// Each with a spool of its own.
    func start(_ spoolName: String, change: [String: String] = [:]) throws -> ServiceProcess {
        try ServiceProcess(
            environment: environment.merging(["HEARTBEAT_SPOOL_DIRECTORY": spool.file(spoolName)]) { _, new in new }
                .merging(change) { _, new in new })
    }

    func answer(_ caller: String, _ task: String, _ service: ServiceProcess) throws -> HTTPResponse {
        try service.client().post(
            "/tasks/\(base64(task))/heartbeat", headers: [("Authorization", "Bearer \(keys[caller] ?? "")")])
    }

    /// What each of them is told, in turn.
    func statuses(_ callers: [String], _ task: String, _ service: ServiceProcess) throws -> [Int] {
        try callers.map { try answer($0, task, service).status }
    }

    func outcomes(_ task: String) throws -> [[String]] {
        try server.database.query(
            "SELECT caller, outcome FROM heartbeat_audit "
                + "WHERE task_token_sha256 = sha256('\(base64(task))') ORDER BY received_at, id")
    }
}

@Suite(.timeLimit(.minutes(10)))
struct BindingServiceTests {
    @Test func `a task is its first caller's, in another replica and after a restart too`() throws {
        let bound = try Bound()
        let (first, second) = (try bound.start("1"), try bound.start("2"))
        #expect(try bound.statuses(["a", "b", "a", "admin", "b"], "ok#t", first) == [200, 403, 200, 200, 403])
        #expect(try bound.statuses(["b", "a", "admin"], "ok#t", second) == [403, 200, 200])
        #expect(
            try bound.outcomes("ok#t") == [
                ["a", "recorded"], ["b", "forbidden"], ["a", "recorded"], ["admin", "recorded"], ["b", "forbidden"],
                ["b", "forbidden"], ["a", "recorded"], ["admin", "recorded"],
            ])
        let refusal = try bound.answer("b", "ok#t", first)
        #expect(refusal.text.contains(#""code":"forbidden""#))
        #expect(refusal.text.contains("The task belongs to the caller that first sent its heartbeat."))
        // What SWF has not recorded is remembered only as long as the process runs.
        #expect(try bound.statuses(["b", "a"], "unknown#t", first) == [404, 403])
        #expect(try bound.statuses(["b", "a"], "ok#u", second) == [200, 403])
        for service in [first, second] { #expect(try service.terminate() == .exited(0)) }

        let third = try bound.start("1")
        #expect(try bound.statuses(["b", "a"], "ok#t", third) == [403, 200])
        #expect(try bound.statuses(["a", "b"], "ok#u", third) == [403, 200])
        #expect(try bound.statuses(["a", "b"], "unknown#t", third) == [404, 403])
        #expect(try third.terminate() == .exited(0))
    }

    @Test func `without PostgreSQL the known stay bound, and the unknown are served`() throws {
        let bound = try Bound()
        let service = try bound.start("1")
        #expect(try bound.statuses(["a", "a"], "ok#proven", service) == [200, 200])
        #expect(try bound.statuses(["a"], "ok#claimed", service) == [200])
        try bound.server.stop()
        for task in ["ok#proven", "ok#claimed"] {
            #expect(try bound.statuses(["b", "a"], task, service) == [403, 200])
        }
        #expect(try bound.statuses(["a", "b"], "ok#new", service) == [200, 200])
        try bound.server.start()
        // Once the spooled rows are in the table it is known who was first.
        try service.wait(for: "the task's owner") { try bound.statuses(["b"], "ok#new", service) == [403] }
        #expect(try bound.statuses(["a"], "ok#new", service) == [200])
        #expect(try service.terminate() == .exited(0))
    }

    @Test func `a PostgreSQL that does not answer costs no heartbeat`() throws {
        let bound = try Bound()
        let service = try bound.start("1")
        #expect(try bound.statuses(["a"], "ok#t", service) == [200])
        bound.server.pause()
        #expect(try bound.statuses(["a", "b"], "ok#t", service) == [200, 403])
        #expect(try bound.statuses(["a", "b"], "ok#new", service) == [200, 200])
        bound.server.resume()
        try service.wait(for: "the task's owner") { try bound.statuses(["b"], "ok#new", service) == [403] }
        #expect(try service.terminate() == .exited(0))
    }

    @Test func `of two callers that race for a task exactly one gets it`() throws {
        let bound = try Bound()
        let service = try bound.start("1", change: ["HEARTBEAT_EVENT_LOOPS": "3"])
        for round in 0..<30 {
            let statuses = Mutex<[String: Int]>([:])
            let threads = ["a", "b"].map { caller in
                Thread(named: caller) {
                    let status = try? bound.answer(caller, "ok#race-\(round)", service).status
                    statuses.withLock { $0[caller] = status }
                }
            }
            for thread in threads { thread.join() }
            let answers = statuses.withLock(\.self)
            #expect(answers.values.sorted() == [200, 403])
            let loser = answers["a"] == 200 ? "b" : "a"
            #expect(try bound.statuses([loser], "ok#race-\(round)", service) == [403])
        }
        #expect(try service.terminate() == .exited(0))
    }

    @Test func `without the setting anybody may`() throws {
        let bound = try Bound()
        let service = try bound.start("1", change: ["HEARTBEAT_BIND_TASKS": ""])
        #expect(try bound.statuses(["a", "b"], "ok#t", service) == [200, 200])
        #expect(try service.terminate() == .exited(0))
    }
}
