import ArgumentParser
import EventLoop
import Foundation
import TestSupport

/// How long the service takes until it is ready, and how much memory it has then and after some work.
struct StartBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start", abstract: "Time until ready, and memory, with PostgreSQL up and the table made.")

    private static let key = TestKey.text
    private static let keyLine = TestKey.line(of: "bench")
    private static let connections = 16
    /// Between two questions whether it is ready.
    private static let pollInterval: Duration = .milliseconds(1)

    @Option(help: "How often it is started.")
    var starts = 20

    @Option(help: "How many heartbeats the last one gets.")
    var heartbeats = 10_000

    static func run(_ arguments: [String]) { main(arguments) }

    func run() throws {
        let (database, simulator) = (try PrivatePostgreSQL().database, try SimulatorProcess())
        let environment = simulator.environment.merging([
            "DATABASE_URL": database.tcpConnectionString, "HEARTBEAT_API_KEYS": Self.keyLine,
        ]) { _, new in new }
        try runFacade(["migrate"], environment: environment).requireSuccess()
        var times: [Double] = []
        for number in 1...max(starts, 1) {
            let (service, time) = try Self.start(environment)
            times.append(time / .milliseconds(1))
            if number >= starts { try measureMemory(of: service) }
            try service.terminate()
        }
        times.sort()
        print(
            String(
                format: "  from exec to ready: median %.0f ms, at most %.0f ms, of %d starts", times[times.count / 2],
                times[times.count - 1], times.count))
    }

    private static func start(_ environment: [String: String]) throws -> (ServiceProcess, Duration) {
        let start = ContinuousClock.now
        let service = try ServiceProcess(environment: environment, awaiting: nil)
        while true {
            let mark = service.child.changeMark
            // Until it listens the connection is refused.
            if let answer = try? service.operations("/readyz"), answer.status == 200 { return (service, .now - start) }
            guard service.child.exit == nil else { throw service.child.failure("ended before it was ready") }
            service.child.waitForChange(since: mark, atMost: pollInterval)
        }
    }

    private func measureMemory(of service: ServiceProcess) throws {
        print("  at start:             \(try Memory(of: service.child.pid))")
        let threads = (0..<Self.connections).map { index in
            Thread(named: "caller-\(index)") { [heartbeats] in
                do {
                    try Self.send(heartbeats / Self.connections, of: index, to: service)
                } catch {
                    print("  a caller failed: \(error)")
                }
            }
        }
        for thread in threads { thread.join() }
        print("  after \(heartbeats) heartbeats: \(try Memory(of: service.child.pid))")
    }

    private static func send(_ count: Int, of caller: Int, to service: ServiceProcess) throws {
        let client = try service.client()
        for number in 0..<count {
            let answer = try client.post(
                "/tasks/\(caller)x\(number)/heartbeat",
                headers: [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")],
                body: #"{"details":"50%"}"#)
            guard answer.status == 200 else { throw BenchError(description: "\(answer.status) \(answer.text)") }
        }
    }
}

/// What /proc tells of a process's memory.
private struct Memory: CustomStringConvertible {
    private let kilobytes: [String: Int]

    init(of pid: pid_t) throws {
        let text = try String(contentsOfFile: "/proc/\(pid)/smaps_rollup", encoding: .utf8)
        let fields = text.split(separator: "\n").dropFirst().map { $0.split(separator: " ") }
        kilobytes = Dictionary(fields.compactMap { line in Int(line[1]).map { (String(line[0].dropLast()), $0) } }) {
            $1
        }
    }

    var description: String {
        ["Rss", "Pss", "Anonymous"].map { name in
            String(format: "%@ %.1f MB", name, Double(kilobytes[name] ?? 0) * 1024 / 1e6)
        }.joined(separator: ", ")
    }
}

extension ChildProcess.Output {
    fileprivate func requireSuccess() throws {
        guard exit == .exited(0) else { throw BenchError(description: standardError) }
    }
}
