internal import EventLoop
internal import Heartbeat
internal import PostgreSQL

extension AuditWriter {
    /// A statement and its commit cost nearly the same for many rows as for one. Where rows come together, the next
    /// one therefore waits for more of them: at 64 callers that saves PostgreSQL a third, and nobody waits longer. Not
    /// after a single such statement: whoever comes after a burst would wait for nobody.
    private static let statementInterval: Duration = .milliseconds(5)
    private static let rowsPacedMin = 4

    /// Writes on one connection until that is lost or `stop` is called.
    func write(on connection: Connection) async throws(PostgreSQLError) {
        connection.onEnd = { [wakeup] in wakeup.signal() }
        if case .closed = gate, !staysClosed { gate = .opening }
        while true {
            if let loss = connection.loss { throw loss }
            if case .open = gate {
                if try await writeNext(on: connection) { continue }
                if status.isAvailable {
                    await wakeup.wait()
                } else {
                    // Rows came too late, and none is left to tell whether others would: readiness must not hang on it.
                    gate = .opening
                }
            } else if try await !tryOut(connection) {
                await wakeup.wait(until: .now + settings.probeInterval)
            }
        }
    }

    /// Inserts no rows, which tells whether the table is there and may be written to.
    private func tryOut(_ connection: Connection) async throws(PostgreSQLError) -> Bool {
        do throws(PostgreSQLError) {
            try await execute([], on: connection)
            becomeAvailable()
            return true
        } catch {
            if error.callsForAnotherConnection { throw error }
            refuse(error)
            return false
        }
    }

    private func execute(_ rows: [BinaryTuple], on connection: Connection) async throws(PostgreSQLError) {
        try await connection.execute(
            Schema.insert, parameters: ParameterArrays(rows: rows), timeout: settings.statementTimeout)
    }

    /// - Returns: false where there was nothing to write.
    private func writeNext(on connection: Connection) async throws(PostgreSQLError) -> Bool {
        let batch = queue.beginStatement(
            rowsMax: settings.rowsPerStatementMax, bytesMax: settings.bytesPerStatementMax)
        if batch.isEmpty { return false }
        tellPending()
        defer { tellPending() }
        let start = Moment.now
        pace.statementBegan(rows: batch.count, at: start)
        do throws(PostgreSQLError) {
            try await execute(batch.map(\.row), on: connection)
        } catch {
            pace.statementEnded(succeeded: false, waiting: queue.waiting.count, at: .now)
            try failed(batch, error)
            return true
        }
        let end = Moment.now
        pace.statementEnded(succeeded: true, waiting: queue.waiting.count, at: end)
        queue.endStatement()
        lastSetback = nil
        for pending in batch { pending.finish(.success(())) }
        observe(.committed(rows: batch.count, in: end - start))
        becomeAvailable()
        let isCrowded = batch.count >= Self.rowsPacedMin
        defer { wasCrowded = isCrowded }
        if isCrowded, wasCrowded { await pacing.wait(until: (start + Self.statementInterval).instant) }
        return true
    }

    private func failed(_ batch: [PendingRow], _ error: PostgreSQLError) throws(PostgreSQLError) {
        if error.callsForAnotherConnection {
            // Whether it was committed may not be known: the rows' keys make sending them again safe.
            queue.returnToFront()
            throw error
        }
        if error.isPassing || error.isPartitionFault && batch.contains(where: { !$0.isSecondTry }) {
            for pending in batch { pending.isSecondTry = error.isPartitionFault }
            lastSetback = error
            return queue.returnToFront()
        }
        if error.isAboutContent, batch.count > 1 {
            for pending in batch { pending.batchRowsMax = batch.count / 2 }
            queue.returnToFront()
            return
        }
        queue.endStatement()
        if error.isAboutContent {
            batch[0].finish(.failure(.unavailable))
            observe(.rejected(requestID: batch[0].row.requestID, reason: "\(error)"))
            return
        }
        divert(batch.filter { !$0.isDiverted })
        refuse(error)
    }

    /// The server takes no rows now, nor those that come, until it does again.
    private func refuse(_ error: PostgreSQLError) {
        becomeUnavailable(.closed, because: "\(error)")
        divertWaiting()
    }
}

extension PostgreSQLError {
    /// The rows, not the server or the table, are what is wrong: data exceptions and violated constraints.
    var isAboutContent: Bool { !isPartitionFault && (sqlStateClass == "22" || sqlStateClass == "23") }

    /// The same statement may go well the next time.
    fileprivate var isPassing: Bool { isRolledBackForAnother || isCanceled }

    /// A row was on its way to the default partition when its day's own was attached, or there is none to take it. A
    /// check that somebody has given the table has a name, a partition's bounds have none.
    fileprivate var isPartitionFault: Bool {
        let checkViolation = "23514"
        return sqlState == checkViolation && constraint == nil
    }
}
