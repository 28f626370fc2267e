internal import EventLoop
internal import Heartbeat
internal import PostgreSQL

extension AuditWriter {
    private static let insertName = "insert_audit_rows"

    /// Writes on one connection until that is lost or `stop` is called.
    func write(on connection: Connection) async throws(PostgreSQLError) {
        connection.onEnd = { [wakeup] in wakeup.signal() }
        if case .closed = gate { gate = .opening }
        var isPrepared = false
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
            } else if try await !tryOut(connection, isPrepared: &isPrepared) {
                await wakeup.wait(until: .now + settings.probeInterval)
            }
        }
    }

    /// Inserts no rows, which tells whether the table is there and may be written to.
    private func tryOut(_ connection: Connection, isPrepared: inout Bool) async throws(PostgreSQLError) -> Bool {
        do throws(PostgreSQLError) {
            if !isPrepared {
                try await connection.prepare(Self.insertName, Schema.insert, timeout: settings.statementTimeout)
                isPrepared = true
            }
            try await execute(RowEncoding(), on: connection)
            becomeAvailable()
            return true
        } catch {
            if error.costsConnection { throw error }
            refuse(error)
            return false
        }
    }

    private func execute(_ rows: RowEncoding, on connection: Connection) async throws(PostgreSQLError) {
        try await connection.execute(
            prepared: Self.insertName, parameters: rows.parameters(instance: instance),
            timeout: settings.statementTimeout)
    }

    /// - Returns: false where there was nothing to write.
    private func writeNext(on connection: Connection) async throws(PostgreSQLError) -> Bool {
        let batch = queue.beginStatement(
            rowsMax: settings.rowsPerStatementMax, bytesMax: settings.bytesPerStatementMax)
        if batch.isEmpty { return false }
        tellPending()
        defer { tellPending() }
        var rows = RowEncoding()
        for pending in batch { rows.append(pending.row, id: pending.id) }
        let start = ContinuousClock.now
        do throws(PostgreSQLError) {
            try await execute(rows, on: connection)
        } catch {
            try failed(batch, error)
            return true
        }
        queue.endStatement()
        for pending in batch { pending.finish(.success(())) }
        observe(.committed(rows: batch.count, in: .now - start))
        becomeAvailable()
        return true
    }

    private func failed(_ batch: [PendingRow], _ error: PostgreSQLError) throws(PostgreSQLError) {
        if error.isConnectionLost {
            // Whether it was committed is not known: the rows' keys make sending them again safe.
            queue.returnToFront()
            throw error
        }
        if error.isAboutContent, batch.count > 1 {
            for pending in batch { pending.batchRowsMax = batch.count / 2 }
            queue.returnToFront()
            return
        }
        queue.endStatement()
        for pending in batch { pending.finish(.failure(.unavailable)) }
        if error.isAboutContent {
            observe(.rejected(requestID: batch[0].row.requestID, reason: "\(error)"))
        } else if error.costsConnection {
            throw error
        } else {
            refuse(error)
        }
    }

    /// The server takes no rows now: those that wait fail, and so do those that come, until it does again.
    private func refuse(_ error: PostgreSQLError) {
        becomeUnavailable(.closed, because: "\(error)")
        queue.failWaiting()
        tellPending()
    }
}

extension PostgreSQLError {
    /// The rows, not the server or the table, are what is wrong: data exceptions and violated constraints.
    fileprivate var isAboutContent: Bool {
        sqlStateClass == "22" || sqlStateClass == "23"
    }

    /// Another connection may fare better: a standby after a failover, a server that shuts down, a pooler that gave
    /// the prepared statement to nobody.
    fileprivate var costsConnection: Bool {
        let readOnlyTransaction = "25006"
        let invalidStatementName = "26000"
        return isConnectionLost || sqlStateClass == "57" || sqlStateClass == "08" || sqlState == readOnlyTransaction
            || sqlState == invalidStatementName
    }
}
