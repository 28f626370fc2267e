import ArgumentParser
import EventLoop
import Foundation
import SigningClient
import TestSupport

/// How the service fares with more callers than it can serve: it, PostgreSQL and nginx in SWF's place on one core, the
/// callers on another. They come back a while after each answer, and take no notice of Retry-After.
struct OverloadBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "overload", abstract: "The service's answers at its capacity and beyond it.")

    /// In milliseconds, between an answer and its caller's next request.
    private static let pause = 100

    @Option(help: "For which each load lasts.")
    var seconds = 10

    @Option(help: "How often the loads come.")
    var runs = 1

    static func run(_ arguments: [String]) { main(arguments) }

    func run() throws {
        try allowManyFiles()
        try onCore(0, allThreads: true)
        let stage = try OverloadStage()
        // Of the threads only the callers'.
        try onCore(1, allThreads: false)
        _ = try stage.answers(to: Load(connections: 64), seconds: 2)
        for _ in 0..<runs {
            let capacity = try stage.answers(to: Load(connections: 64), seconds: seconds)
            show("64 connections, all they can", capacity, of: capacity)
            for factor in [2, 5] {
                // So many send as much if they are answered at once.
                let connections = factor * Int(capacity.good) * Self.pause / 1000
                let answers = try stage.answers(to: Load(connections: connections, pause: Self.pause), seconds: seconds)
                show(
                    "\(factor) times that: \(connections) connections, \(Self.pause) ms after each answer", answers,
                    of: capacity)
            }
        }
    }

    private func show(_ title: String, _ answers: Answers, of capacity: Answers) {
        let share = 100 * answers.good / capacity.good
        let refused = 100 * answers.refused / (answers.good + answers.refused)
        print(title)
        print(String(format: "  served   %7.0f/s, %.0f %% of the capacity", answers.good, share), "", answers.servedIn)
        print(String(format: "  refused  %7.0f/s, %.0f %%", answers.refused, refused), "", answers.refusedIn)
        print("  the process has \(answers.resident) KiB and \(answers.descriptors) descriptors")
        for fault in answers.faults { print("  \(fault)") }
        fflush(nil)
    }
}

/// What comes at the service.
private struct Load {
    var connections: Int
    /// In milliseconds, between an answer and the next request.
    var pause = 0
}

/// What came of a load.
private struct Answers {
    /// A second.
    var good = 0.0
    var refused = 0.0
    var servedIn = ""
    var refusedIn = ""
    var resident = ""
    var descriptors = 0
    var faults: [String] = []
}

private func allowManyFiles() throws {
    let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    var limit = rlimit()
    guard getrlimit(files, &limit) == 0 else { throw BenchError(description: "getrlimit") }
    limit.rlim_cur = limit.rlim_max
    guard setrlimit(files, &limit) == 0 else { throw BenchError(description: "setrlimit") }
}

/// Has this thread run there, and what it starts: or all threads that there are so far.
private func onCore(_ core: Int, allThreads: Bool) throws {
    let arguments = (allThreads ? ["-a"] : []) + ["-c", "-p", "\(core)", "\(getpid())"]
    let output = try ChildProcess.run("taskset", arguments)
    guard output.exit == .exited(0) else { throw BenchError(description: "taskset: \(output.standardError)") }
}

/// The service, what it needs, and its callers.
private final class OverloadStage {
    private static let key = TestKey.text
    private static let keyLine = TestKey.line(of: "bench")
    /// Callers whose answers are timed, beside the load's.
    private static let timedCallers = 16
    /// Until the load is there, and before its end.
    private static let margin = Duration.seconds(1)

    private let directory: TemporaryDirectory
    private let upstream: ChildProcess
    private let server: PrivatePostgreSQL
    private let service: ServiceProcess

    init() throws {
        directory = try TemporaryDirectory("hbf-overload")
        let port = try freePort()
        upstream = try Self.nginx(port, directory)
        server = try PrivatePostgreSQL(settings: ["fsync": "on", "full_page_writes": "on"])
        service = try ServiceProcess(environment: [
            "DATABASE_URL": server.database.connectionString, "HEARTBEAT_API_KEYS": Self.keyLine,
            "HEARTBEAT_EVENT_LOOPS": "1", "HEARTBEAT_LOG_LEVEL": "warning",
            "HEARTBEAT_CONNECTIONS_PER_CLIENT_MAX": "10000", "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "SECRET",
            "AWS_ENDPOINT_URL_SWF": "http://127.0.0.1:\(port)",
        ])
    }

    private static func nginx(_ port: UInt16, _ directory: TemporaryDirectory) throws -> ChildProcess {
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
            "\($0)_temp_path \(directory.file($0));"
        }
        let configuration = try directory.write(
            """
            daemon off; master_process off; pid \(directory.file("pid"));
            events { worker_connections 4096; }
            http {
                access_log off; keepalive_requests 100000000; \(paths.joined(separator: " "))
                server {
                    listen 127.0.0.1:\(port);
                    default_type application/x-amz-json-1.0;
                    location / { return 200 '{"cancelRequested":false}'; }
                }
            }

            """, to: "nginx.conf")
        let nginx = try ChildProcess("nginx", ["-e", "stderr", "-p", directory.path, "-c", configuration])
        while (try? RawHTTPClient(port: port)) == nil {
            if nginx.exit != nil { throw nginx.failure("ended") }
            nginx.waitForChange(since: nginx.changeMark, atMost: .milliseconds(50))
        }
        return nginx
    }

    func answers(to load: Load, seconds: Int) throws -> Answers {
        let callers = try wrk(load, seconds)
        var answers = Answers()
        let times = try EventLoop.run { [port = service.port] loop in
            await loop.pause(for: Self.margin)
            return await TimedCallers(port, Self.key, on: loop).run(
                Self.timedCallers, until: .now + .seconds(seconds) - Self.margin - Self.margin)
        }
        let process = "/proc/\(service.child.pid)"
        answers.descriptors = try FileManager.default.contentsOfDirectory(atPath: "\(process)/fd").count
        let status = try String(contentsOfFile: "\(process)/status", encoding: .utf8)
        answers.resident = status.firstMatch(of: /VmRSS:\s+(\d+) kB/).map { String($0.1) } ?? ""
        guard try callers.waitForExit() == .exited(0) else { throw callers.failure("has failed") }
        let text = callers.standardOutput
        guard let sums = text.firstMatch(of: /(\d+) requests in ([\d.]+)s/), let all = Double(sums.1),
            let time = Double(sums.2)
        else { throw callers.failure("says nothing") }
        let refused = text.firstMatch(of: /Non-2xx or 3xx responses: (\d+)/).flatMap { Double($0.1) } ?? 0
        answers.good = (all - refused) / time
        answers.refused = refused / time
        answers.servedIn = times.text { $0 == 200 }
        answers.refusedIn = times.text { $0 != 200 }
        answers.faults = text.split(separator: "\n").filter { $0.contains("Socket errors") }.map(String.init)
        let others = times.statuses.subtracting([200, 503])
        if !others.isEmpty { answers.faults.append("other answers: \(others.sorted())") }
        return answers
    }

    /// Tokens of a real one's length and alphabet, none of them used twice: equal ones might be relayed once.
    private func wrk(_ load: Load, _ seconds: Int) throws -> ChildProcess {
        let script = try directory.write(
            """
            local headers = { ["Authorization"] = "Bearer \(Self.key)", ["Content-Type"] = "application/json" }
            local token = "AAAAKgAAAAEAAAAAAAAAA" .. string.rep("n3/w+Demo5Q", 48) .. "\(UInt32.random(in: 0 ... .max))"
            local calls = 0
            function request()
                calls = calls + 1
                local path = "/tasks/" .. token .. "x" .. calls .. "/heartbeat"
                return wrk.format("POST", path, headers, '{"details":"50%"}')
            end
            \(load.pause > 0 ? "function delay() return \(load.pause) end" : "")

            """, to: "load.lua")
        return try ChildProcess(
            "taskset",
            [
                "-c", "1", "wrk", "-t1", "-c\(load.connections)", "-d\(seconds)s", "--timeout", "30s", "-s", script,
                "http://127.0.0.1:\(service.port)",
            ])
    }
}

/// Few callers, each of which keeps a connection and sends a heartbeat some time after the answer to the one before.
private final class TimedCallers {
    private static let pause = Duration.milliseconds(100)
    private static let answerTimeout = Duration.seconds(30)

    private let port: UInt16
    private let key: String
    private let loop: EventLoop
    private let ended: Wakeup
    /// As no token is to be used twice.
    private let run = UInt32.random(in: 0 ... .max)
    private var running = 0
    private var times = AnswerTimes()

    init(_ port: UInt16, _ key: String, on loop: EventLoop) {
        self.port = port
        self.key = key
        self.loop = loop
        ended = Wakeup(on: loop)
    }

    func run(_ count: Int, until end: ContinuousClock.Instant) async -> AnswerTimes {
        running = count
        let offset = Self.pause / count
        for number in 0..<count {
            loop.spawn { [self] in
                // Not all at the same time.
                await loop.pause(for: offset * number)
                await call(number, until: end)
                running -= 1
                ended.signal()
            }
        }
        while running > 0 { await ended.wait() }
        return times
    }

    private func call(_ number: Int, until end: ContinuousClock.Instant) async {
        let client = PlainClient(on: loop)
        let url = "http://127.0.0.1:\(port)/tasks/heartbeat"
        let headers = [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")]
        var calls = 0
        while .now < end {
            calls += 1
            let start = ContinuousClock.now
            let body = #"{"taskToken":"timedx\#(run)x\#(number)x\#(calls)","details":"50%"}"#
            let answer = await client.post(
                url, headers: headers, body: Array(body.utf8), connectTimeout: Self.answerTimeout,
                deadline: start + Self.answerTimeout)
            times.note((try? answer.get().status) ?? 0, in: .now - start)
            await loop.pause(for: Self.pause)
        }
    }
}

/// How long answers took, by status; 0: there was none.
private struct AnswerTimes: Sendable {
    private var times: [(status: Int, time: Duration)] = []

    var statuses: Set<Int> { Set(times.map(\.status)) }

    mutating func note(_ status: Int, in time: Duration) {
        times.append((status, time))
    }

    func text(where isMeant: (Int) -> Bool) -> String {
        let meant = times.filter { isMeant($0.status) }.map(\.time).sorted()
        guard !meant.isEmpty else { return "" }
        func text(_ share: Double) -> String {
            String(format: "%.0f ms", meant[min(meant.count - 1, Int(Double(meant.count) * share))] / .milliseconds(1))
        }
        return "p50 \(text(0.5)), p99 \(text(0.99)) of \(meant.count)"
    }
}
