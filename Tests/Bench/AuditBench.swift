import Audit
import EventLoop
import Heartbeat
import TestSupport

/// From a row to its commit: what encodes it, sends it and resumes its caller, and a caller's loop. PostgreSQL is
/// another process.
@Sendable func benchAudit(on loop: EventLoop) async throws {
    let server = try PrivatePostgreSQL()
    let conninfo = server.database.connectionString
    let now = wallClockMicroseconds()
    _ = try await Migration(conninfo, on: loop).run(Retention(now: now, retention: nil))
    let ready = Wakeup(on: loop)
    let writer = AuditWriter(conninfo: conninfo, instance: "bench", on: loop) { event in
        if case .available = event { ready.signal() }
    }
    writer.start()
    await ready.wait()
    for count in [32, 64] {
        let callers = Callers(count, of: writer, rowsPerRound: 5000, now: now, on: loop)
        try await measure("audit row, \(count) callers", 36, perCall: 5000) { _ in try await callers.round() }
        await callers.stop()
    }
    await writer.flush()
    writer.stop()
}

/// As many as there are send row after row.
private final class Callers {
    private let writer: AuditWriter
    private let rowsPerRound: Int
    private let row: AuditRow
    private let hasher = TaskHasher()
    private let token = TaskToken(secret: String(repeating: "AAAAKgAAAAEAAAAAAAAAA3x5", count: 22))
    private let roundEnded: Wakeup
    private var running: Int
    private var rows = 0
    private var failures = 0
    private var isStopping = false

    init(_ count: Int, of writer: AuditWriter, rowsPerRound: Int, now: Int64, on loop: EventLoop) {
        self.writer = writer
        self.rowsPerRound = rowsPerRound
        running = count
        roundEnded = Wakeup(on: loop)
        row = Self.row(at: now)
        for _ in 0..<count { loop.spawn { await self.send() } }
    }

    /// Like one of a real heartbeat.
    private static func row(at now: Int64) -> AuditRow {
        AuditRow(
            receivedAt: now, requestID: "018f3c7e-6a52-7a40-9d4e-1c3b5a7f9e21",
            traceID: "4bf92f3577b34da6a3ce929d0e0e4736", caller: Caller(name: "bench", authentication: .apiKey),
            clientAddress: "192.0.2.7", details: "42 of 100", outcome: "recorded", status: 200, cancelRequested: false,
            upstreamRequestID: "e08622cd-3ff5-11e1-9b11-7182192d0b57", attempts: 1, duration: .milliseconds(3),
            relayed: true)
    }

    private func send() async {
        var row = row
        while !isStopping {
            row.taskHash = hasher.hash(of: token)
            let result = await Suspension.wait { waiter in
                writer.append(row, wait: .seconds(60), finish: waiter.resume(returning:))
            }
            if case .failure = result { failures += 1 }
            rows += 1
            if rows % rowsPerRound == 0 { roundEnded.signal() }
        }
        running -= 1
        if running == 0 { roundEnded.signal() }
    }

    func round() async throws {
        await roundEnded.wait()
        if failures > 0 { throw BenchError(description: "\(failures) rows were not committed in time") }
    }

    func stop() async {
        isStopping = true
        while running > 0 { await roundEnded.wait() }
    }
}
