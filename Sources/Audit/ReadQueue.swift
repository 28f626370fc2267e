internal import EventLoop
internal import Heartbeat
internal import PostgreSQL

/// The reads that wait for a connection, and the connection. For use on its loop only.
final class ReadQueue {
    typealias Answer = Result<[[String?]], AuditFailure>

    /// A read until it is answered or its time is up.
    private final class Read {
        let statement: Statement
        let parameters: [Parameter]
        private var waiter: Suspension<Answer>?
        private var timer: LoopTimer?

        init(
            _ statement: Statement, _ parameters: [Parameter], deadline: ContinuousClock.Instant, on loop: EventLoop,
            waiter: Suspension<Answer>
        ) {
            self.statement = statement
            self.parameters = parameters
            self.waiter = waiter
            timer = LoopTimer(on: loop) { [weak self] in self?.finish(.failure(.unavailable)) }
            timer?.set(deadline)
        }

        var isAwaited: Bool { waiter != nil }

        func finish(_ answer: Answer) {
            timer.take()?.cancel()
            waiter.take()?.resume(returning: answer)
        }
    }

    private let loop: EventLoop
    private let settings: AuditReader.Settings
    private let observe: @Sendable (AuditReader.Event) -> Void
    private let connection: PersistentConnection
    /// A read has come, or the connection has ended.
    private let wakeup: Wakeup
    /// In the order of their arrival; the first may be the one that runs.
    private var reads: [Read] = []
    /// Whether reads may wait for the connection: one is there, or is being opened.
    private var isHopeful = true
    /// nil: nothing is known yet.
    private var isAvailable: Bool?

    init(
        conninfo: String?, on loop: EventLoop, settings: AuditReader.Settings,
        observe: @escaping @Sendable (AuditReader.Event) -> Void
    ) {
        self.loop = loop
        self.settings = settings
        self.observe = observe
        connection = PersistentConnection(conninfo, on: loop)
        wakeup = Wakeup(on: loop)
    }

    /// Connects, and reads until `stop`.
    func run() async {
        await connection.run(interrupted: interrupted, use: serve)
        wakeup.cancel()
    }

    func stop() {
        isHopeful = false
        connection.stop()
        failAll()
    }

    func read(
        _ statement: Statement, _ parameters: [Parameter], deadline: ContinuousClock.Instant
    ) async throws(AuditFailure) -> [[String?]] {
        let answer = await Suspension<Answer>.wait { waiter in
            reads.removeAll { !$0.isAwaited }
            guard isHopeful, deadline > .now else { return waiter.resume(returning: .failure(.unavailable)) }
            guard reads.count < settings.readsPendingMax else { return waiter.resume(returning: .failure(.full)) }
            reads.append(Read(statement, parameters, deadline: deadline, on: loop, waiter: waiter))
            wakeup.signal()
        }
        return try answer.get()
    }

    // MARK: The connection

    private func serve(on connection: Connection) async throws(PostgreSQLError) {
        connection.onEnd = { [wakeup] in wakeup.signal() }
        isHopeful = true
        while true {
            if let loss = connection.loss { throw loss }
            reads.removeAll { !$0.isAwaited }
            guard let read = reads.first else {
                await wakeup.wait()
                continue
            }
            do throws(PostgreSQLError) {
                let rows = try await rows(of: read, on: connection)
                note(nil)
                read.finish(.success(rows))
            } catch {
                // It was prepared in another session, and is not again.
                let transactionFailed = "25P02"
                if error.sqlState == transactionFailed { continue }
                note(error)
                read.finish(.failure(.unavailable))
                if error.callsForAnotherConnection { throw error }
            }
        }
    }

    /// Runs a read in a transaction, with which its settings end: behind a pooler the session is others' too.
    private func rows(of read: Read, on connection: Connection) async throws(PostgreSQLError) -> [[String?]] {
        try await connection.query("BEGIN READ ONLY", timeout: settings.statementTimeout)
        do throws(PostgreSQLError) {
            // Planning for all partitions takes longer than reading, and the server would do it each time. The limit is
            // for a read that nobody waits for any more.
            try await connection.query(
                """
                SELECT set_config('plan_cache_mode', 'force_generic_plan', true),
                    set_config('statement_timeout', '\(Int(settings.statementTimeout / .milliseconds(1)))', true)
                """)
            let result = try await connection.execute(
                read.statement, parameters: ParameterArrays(read.parameters), timeout: settings.statementTimeout)
            try await connection.query("COMMIT")
            return result.rows
        } catch {
            _ = try? await connection.query("ROLLBACK")
            throw error
        }
    }

    private func interrupted(_ interruption: PersistentConnection.Interruption) {
        switch interruption {
        case .reconnecting(let error): note(error)
        case .pausing(let error):
            note(error)
            isHopeful = false
            failAll()
        }
    }

    private func failAll() {
        for read in reads { read.finish(.failure(.unavailable)) }
        reads = []
    }

    private func note(_ error: PostgreSQLError?) {
        guard isAvailable != (error == nil) else { return }
        isAvailable = error == nil
        observe(error.map { .unavailable(reason: "\($0)") } ?? .available)
    }
}
