internal import CPostgreSQL
package import EventLoop

/// One connection to PostgreSQL, on one loop; one statement at a time.
///
/// For use on its loop only. Whoever opened it calls `close`: until then the loop keeps it.
package final class Connection: EventHandler {
    package static let statementTimeout: Duration = .seconds(10)

    private let loop: EventLoop
    /// nil once the connection is closed or lost.
    private var handle: ConnectionHandle?
    private let descriptor: Int32
    private var isWatchingWrites = false
    private var timer: LoopTimer?
    /// The names of the statements that it has prepared.
    private var prepared: Set<String> = []

    private typealias Answer = Result<QueryResult, PostgreSQLError>
    /// Who waits for the running statement.
    private var waiter: Suspension<Answer>?
    /// What has come of the running statement so far.
    private var answer: Answer?

    /// Why the connection is of no further use; nil as long as it is.
    package private(set) var loss: PostgreSQLError?
    /// Called once, on the loop, when the connection is lost, be it between statements, or closed.
    package var onEnd: (() -> Void)?
    /// Called on the loop for each notification of a channel that the session listens on (PostgreSQL documentation,
    /// LISTEN).
    package var onNotification: (() -> Void)?

    /// Opens a connection; the loop is not held up.
    /// - Parameter conninfo: a connection string or URL, or `ConnectionString.inFile`; nil: libpq's environment
    ///   variables (`PGHOST` and so on) alone.
    package static func open(
        _ conninfo: String?, on loop: EventLoop
    ) async throws(PostgreSQLError) -> Connection {
        let opened = await runBlocking(named: "pg-connect") { Connecting.connect(conninfo) }
        return try Connection(opened.get(), on: loop)
    }

    private init(_ handle: ConnectionHandle, on loop: EventLoop) throws(PostgreSQLError) {
        self.loop = loop
        self.handle = handle
        descriptor = unsafe PQsocket(handle.pointer)
        do {
            try loop.watch(descriptor, for: .readable, handler: self)
        } catch {
            throw PostgreSQLError(message: "\(error)", isConnectionLost: true)
        }
        timer = LoopTimer(on: loop) { [weak self] in self?.statementTimedOut() }
    }

    /// Runs one statement by the extended protocol.
    /// - Throws: the server's error; or the connection's loss, with `isConnectionLost`, also past `timeout`.
    @discardableResult
    package func query(
        _ sql: String, parameters: [Parameter] = [], timeout: Duration = statementTimeout
    ) async throws(PostgreSQLError) -> QueryResult {
        try await query(sql, ParameterArrays(parameters), until: .now + timeout)
    }

    /// Runs a statement; prepares it where this connection has not yet.
    /// - Throws: as `query`. Within a transaction block, where another session is found to have prepared it, `25P02`
    ///   (in_failed_sql_transaction), once: the block can then be run again.
    @discardableResult
    package func execute(
        _ statement: Statement, parameters: ParameterArrays = ParameterArrays([]),
        timeout: Duration = statementTimeout
    ) async throws(PostgreSQLError) -> QueryResult {
        let deadline = ContinuousClock.now + timeout
        if statement.isPreparable {
            do throws(PostgreSQLError) {
                if !prepared.contains(statement.name) {
                    try await prepare(statement, until: deadline)
                    prepared.insert(statement.name)
                }
                return try await execute(prepared: statement, parameters, until: deadline)
            } catch {
                guard error.isAboutPreparing else { throw error }
                statement.giveUpPreparing()
            }
        }
        return try await query(statement.sql, parameters, until: deadline)
    }

    private func query(
        _ sql: String, _ parameters: ParameterArrays, until deadline: ContinuousClock.Instant
    ) async throws(PostgreSQLError) -> QueryResult {
        try await run(until: deadline) { connection in
            unsafe parameters.withPointers { parameters in
                unsafe PQsendQueryParams(
                    connection.pointer, sql, parameters.count, parameters.types, parameters.values, parameters.lengths,
                    parameters.formats, 0)
            }
        }
    }

    private func prepare(
        _ statement: Statement, until deadline: ContinuousClock.Instant
    ) async throws(PostgreSQLError) {
        _ = try await run(until: deadline) {
            unsafe PQsendPrepare($0.pointer, statement.name, statement.sql, 0, nil)
        }
    }

    private func execute(
        prepared statement: Statement, _ parameters: ParameterArrays, until deadline: ContinuousClock.Instant
    ) async throws(PostgreSQLError) -> QueryResult {
        try await run(until: deadline) { connection in
            unsafe parameters.withPointers { parameters in
                unsafe PQsendQueryPrepared(
                    connection.pointer, statement.name, parameters.count, parameters.values, parameters.lengths,
                    parameters.formats, 0)
            }
        }
    }

    /// Whether the session that statements run in is this connection's alone. A pooler gives a process number of its
    /// own making, and may lend another session for each transaction: what `LISTEN` asks for is then not to be had.
    package func hasOwnSession() async throws(PostgreSQLError) -> Bool {
        let known = handle.map { unsafe PQbackendPID($0.pointer) }
        let actual = try await query("SELECT pg_backend_pid()").rows.first?[0]
        return actual.flatMap { Int32($0) } == known
    }

    /// Ends the connection; a statement that runs fails with its loss.
    package func close() {
        lose(.closed)
    }

    // MARK: The running statement

    private func run(
        until deadline: ContinuousClock.Instant, send: (ConnectionHandle) -> Int32
    ) async throws(PostgreSQLError) -> QueryResult {
        loop.preconditionOnLoop()
        precondition(waiter == nil, "one statement at a time")
        let answer = await Suspension<Answer>.wait { waiter in
            guard let handle else { return waiter.resume(returning: .failure(loss ?? .closed)) }
            self.waiter = waiter
            guard send(handle) == 1 else { return lose(handle.lossError) }
            timer?.set(deadline)
            flush(handle)
        }
        return try answer.get()
    }

    package func handle(_ events: Events, of descriptor: Int32) {
        guard let handle else { return }
        guard unsafe PQconsumeInput(handle.pointer) == 1 else { return lose(handle.lossError) }
        // Those that come among a statement's results are only seen when these are taken in.
        defer { passOnNotifications(of: handle) }
        if isWatchingWrites { flush(handle) }
        // Asked without a statement too: it has libpq take in what the server sends between statements.
        while unsafe PQisBusy(handle.pointer) == 0, waiter != nil {
            guard let result = unsafe PQgetResult(handle.pointer) else { return finish(handle) }
            unsafe take(result)
            unsafe PQclear(result)
        }
    }

    private func passOnNotifications(of handle: ConnectionHandle) {
        while let notification = unsafe PQnotifies(handle.pointer) {
            unsafe PQfreemem(notification)
            onNotification?()
        }
    }

    private func take(_ result: OpaquePointer) {
        let status = unsafe PQresultStatus(result)
        switch status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            if answer == nil { answer = .success(unsafe QueryResult(result)) }
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            // libpq would answer so for ever.
            lose(PostgreSQLError(message: "COPY is not supported", isConnectionLost: true))
        default:
            answer = .failure(unsafe PostgreSQLError(result))
        }
    }

    private func finish(_ handle: ConnectionHandle) {
        guard unsafe PQstatus(handle.pointer) == CONNECTION_OK else { return lose(handle.lossError) }
        timer?.clear()
        let answer = answer.take() ?? .failure(.closed)
        waiter.take()?.resume(returning: answer)
    }

    /// Writes what libpq still has to send, and has the loop tell of room for more only while there is more.
    private func flush(_ handle: ConnectionHandle) {
        let left = unsafe PQflush(handle.pointer)
        guard left >= 0 else { return lose(handle.lossError) }
        guard (left == 1) != isWatchingWrites else { return }
        isWatchingWrites = left == 1
        do {
            try loop.rewatch(descriptor, for: isWatchingWrites ? [.readable, .writable] : .readable)
        } catch {
            lose(PostgreSQLError(message: "\(error)", isConnectionLost: true))
        }
    }

    private func statementTimedOut() {
        lose(PostgreSQLError(message: "a statement was not answered in time", isConnectionLost: true))
    }

    private func lose(_ reason: PostgreSQLError) {
        guard handle != nil else { return }
        var reason = reason
        // What the server said last tells more than that it then hung up.
        if case .failure(let error) = answer.take() { reason = error.losingConnection }
        loss = reason
        timer?.cancel()
        loop.unwatch(descriptor)
        handle = nil
        waiter.take()?.resume(returning: .failure(reason))
        onNotification = nil
        onEnd.take()?()
    }
}
