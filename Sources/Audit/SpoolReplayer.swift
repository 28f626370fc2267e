internal import EventLoop
internal import PostgreSQL
package import Spool

/// Brings the rows of the spool home to PostgreSQL, in their order, on a connection that it opens where there is
/// something to bring. The rows' keys let each in once, however often it is sent.
///
/// It lives on the spool's loop. Whoever made it calls `run`, and `stop` at the end.
package actor SpoolReplayer {
    package enum Event: Sendable, Equatable {
        case replayed(rows: Int, in: Duration)
        /// Nothing is left in the spool.
        case finished
        /// Told once until rows get in again.
        case failed(reason: String)
        /// A record that PostgreSQL refuses for its content, or that no row of this version is: its segment is set
        /// aside instead of deleted.
        case rejected(requestID: String, reason: String)
    }

    /// Few, so that no live row waits long behind them.
    private static let rowsPerStatementMax = 100
    private static let bytesPerStatementMax = 1 << 20
    /// Of the time that a batch takes: how long nothing is sent after it.
    private static let pauseShare = 2
    /// How often a server that refuses rows is asked whether it takes them again.
    private static let retryInterval: Duration = .seconds(1)

    private nonisolated let loop: EventLoop
    private let spool: Spool
    private let conninfo: String?
    private let observe: @Sendable (Event) -> Void
    private let stopped: Wakeup
    private var backoff = Backoff()
    private var isFailing = false
    private var isStopped = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// - Parameters:
    ///   - conninfo: as of `Connection.open`.
    ///   - observe: called on the loop.
    package init(_ spool: Spool, conninfo: String?, observe: @escaping @Sendable (Event) -> Void) {
        self.spool = spool
        self.conninfo = conninfo
        self.observe = observe
        loop = spool.loop
        stopped = Wakeup(on: spool.loop)
    }

    /// Goes on until `stop`.
    package func run() async {
        while !isStopped {
            guard await spool.waitForRecords(), !isStopped else { continue }
            do throws(PostgreSQLError) {
                let connection = try await Connection.open(conninfo, on: loop)
                defer { connection.close() }
                try await replay(on: connection)
            } catch {
                failed("\(error)")
                if !isStopped { await stopped.wait(until: .now + backoff.next()) }
            }
        }
        stopped.cancel()
    }

    /// Has `run` come to its end after the statement that is under way.
    package func stop() async {
        isStopped = true
        stopped.signal()
        await spool.wake()
    }

    /// Returns when nothing is left, or on `stop`.
    private func replay(on connection: Connection) async throws(PostgreSQLError) {
        while !isStopped {
            let start = ContinuousClock.now
            guard let batch = await nextBatch() else { return }
            let rows = batch.records.compactMap(row)
            if rows.count < batch.records.count { await reject(batch, "it is none of this version's") }
            do throws(PostgreSQLError) {
                try await insert(rows[...], of: batch, on: connection)
            } catch {
                if error.callsForAnotherConnection { throw error }
                failed("\(error)")
                await stopped.wait(until: .now + Self.retryInterval)
                continue
            }
            await spool.acknowledge(batch)
            backoff.reset()
            isFailing = false
            let duration = ContinuousClock.now - start
            observe(.replayed(rows: rows.count, in: duration))
            // Most of the time is left to the rows that somebody waits for.
            await stopped.wait(until: .now + duration * Self.pauseShare)
        }
    }

    private func nextBatch() async -> Spool.Batch? {
        do throws(SpoolFailure) {
            let batch = try await spool.nextBatch(
                recordsMax: Self.rowsPerStatementMax, bytesMax: Self.bytesPerStatementMax)
            if batch == nil { observe(.finished) }
            return batch
        } catch {
            failed("\(error)")
            await stopped.wait(until: .now + Self.retryInterval)
            return nil
        }
    }

    /// Where the server refuses some row for its content, halves them until that row stands alone, and leaves it out.
    private func insert(
        _ rows: ArraySlice<BinaryTuple>, of batch: Spool.Batch, on connection: Connection
    ) async throws(PostgreSQLError) {
        do throws(PostgreSQLError) {
            try await connection.execute(Schema.insert, parameters: ParameterArrays(rows: Array(rows)))
        } catch {
            guard error.isAboutContent, let first = rows.first else { throw error }
            guard rows.count > 1 else { return await reject(batch, "\(error)", requestID: first.requestID) }
            let middle = rows.startIndex + rows.count / 2
            try await insert(rows[..<middle], of: batch, on: connection)
            try await insert(rows[middle...], of: batch, on: connection)
        }
    }

    private func row(_ record: [UInt8]) -> BinaryTuple? {
        guard record.first == RowSpooler.recordVersion else { return nil }
        return BinaryTuple(bytes: Array(record.dropFirst()), fieldCount: Schema.columnTypes.count)
    }

    private func reject(_ batch: Spool.Batch, _ reason: String, requestID: String = "") async {
        observe(.rejected(requestID: requestID, reason: reason))
        await spool.keep(batch, because: "a row in it is refused: \(reason)")
    }

    private func failed(_ reason: String) {
        if !isFailing { observe(.failed(reason: reason)) }
        isFailing = true
    }
}
