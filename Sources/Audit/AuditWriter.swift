package import EventLoop
package import Heartbeat
internal import PostgreSQL
package import Spool

/// Writes the audit rows of one loop to PostgreSQL: all rows that wait go out in one statement, and what comes while it
/// runs goes into the next. Rows that PostgreSQL does not take in time go to the spool, if there is one, and so do all
/// that come until it takes rows again.
///
/// For use on its loop only. Whoever made it calls `start`, and `flush` and `stop` at the end.
package final class AuditWriter {
    package struct Settings: Sendable {
        /// A row that is not known to be committed by then goes to the spool, or fails.
        package var commitTimeout: Duration = .milliseconds(500)
        package var rowsPerStatementMax = 1000
        /// About: a single row may be larger.
        package var bytesPerStatementMax = 1 << 20
        /// Rows that wait, those of the running statement included.
        package var rowsPendingMax = 20_000
        /// A statement unanswered for so long costs the connection.
        package var statementTimeout: Duration = Connection.statementTimeout
        /// How often a server that refuses rows is asked whether it takes them again.
        package var probeInterval: Duration = .seconds(1)

        package init() {}
    }

    /// What becomes of a row that arrives.
    enum Gate {
        /// A connection is being opened or tried out: the row waits for it, as long as its time allows.
        case opening
        case open
        /// There is no connection, the server refuses rows, or it was too slow: the row goes to the spool or fails.
        case closed
    }

    /// Of a call's whole deadline, for PostgreSQL.
    private static let waitShare = 4

    let settings: Settings
    private let encoder: RowEncoder
    private let loop: EventLoop
    let status: AuditStatus
    let spooler: RowSpooler?
    private let connection: PersistentConnection
    /// Rows have come, or the connection has ended.
    let wakeup: Wakeup
    /// Between two statements.
    let pacing: Wakeup
    /// Whether rows came together for the last statement that went well.
    var wasCrowded = false
    private var expiry: LoopTimer?
    private var expiresAt: Moment?
    private var flushers: [Suspension<Void>] = []
    /// From here on, the share of a call's deadline is no shorter than the commit timeout.
    private let longWait: Duration
    private let sequenceHead = UInt64.random(in: 0 ... .max)
    private var sequence = UInt64.random(in: 0 ... .max)

    var gate = Gate.opening
    var queue = RowQueue()
    var pace: CommitPace
    /// Why the last statement has to be run again; nil after one that went well.
    var lastSetback: PostgreSQLError?
    let observe: (AuditEvent) -> Void

    /// - Parameters:
    ///   - conninfo: as of `Connection.open`.
    ///   - instance: what every row says made it.
    ///   - spool: where rows go that PostgreSQL does not take in time; nil: they fail.
    ///   - status: kept up to date.
    ///   - observe: called on the loop.
    package init(
        conninfo: String?, instance: String, on loop: EventLoop, spool: Spool? = nil,
        settings: Settings = Settings(), status: AuditStatus = AuditStatus(),
        observe: @escaping (AuditEvent) -> Void = { _ in }
    ) {
        self.loop = loop
        self.settings = settings
        longWait = settings.commitTimeout * Self.waitShare
        encoder = RowEncoder(instance: instance)
        self.status = status
        self.observe = observe
        spooler = spool.map { RowSpooler($0, on: loop) }
        pace = CommitPace(commitTimeout: settings.commitTimeout)
        connection = PersistentConnection(conninfo, on: loop)
        wakeup = Wakeup(on: loop)
        pacing = Wakeup(on: loop)
        expiry = LoopTimer(on: loop) { [weak self] in self?.expire() }
        spooler?.observe = { [unowned self] event in
            observe(event)
            tellPending()
        }
    }

    /// Begins to connect, and keeps at it.
    package func start() {
        loop.spawn {
            await self.connection.run(interrupted: self.interrupted, use: self.write)
            self.divertWaiting()
            self.wakeup.cancel()
            self.pacing.cancel()
        }
    }

    /// - Parameters:
    ///   - wait: how long its caller is ready to wait for an answer in all.
    ///   - finish: told once, perhaps at once, that the row is durable; or that it can be made so nowhere in time, or
    ///     that too many rows wait already.
    package func append(
        _ row: AuditRow, wait: Duration, finish: @escaping (Result<Void, AuditFailure>) -> Void
    ) {
        guard pendingCount < settings.rowsPendingMax else { return finish(.failure(.full)) }
        let deadline = Moment.now + (wait < longWait ? wait / Self.waitShare : settings.commitTimeout)
        let row = PendingRow(
            encoder.encode(row, id: nextID(of: row)), deadline: deadline,
            batchRowsMax: settings.rowsPerStatementMax, finish: finish)
        if case .closed = gate { return divert([row]) }
        queue.append(row)
        setExpiry(deadline)
        wakeup.signal()
    }

    /// How many more requests may be let in whose rows are to be committed in time. What is late goes to the spool,
    /// where there is one.
    package var room: Int {
        spooler == nil ? pace.room(waiting: queue.waiting.count, at: .now) : .max
    }

    /// A request was let in.
    package func requestBegan() {
        pace.requestBegan()
    }

    /// Returns once no row waits any more: each is durable or has failed.
    package func flush() async {
        await Suspension.wait { flusher in
            if isSettled { flusher.resume(returning: ()) } else { flushers.append(flusher) }
        }
    }

    /// Closes the connection; rows that wait fail.
    package func stop() {
        gate = .closed
        connection.stop()
        for row in queue.divertAll() { row.finish(.failure(.unavailable)) }
        spooler?.stop()
        expiry?.cancel()
        pacing.signal()
        tellFlushers()
    }

    private var pendingCount: Int { queue.count + (spooler?.count ?? 0) }

    private var isSettled: Bool { queue.isSettled && spooler?.count ?? 0 == 0 }

    /// Rows that PostgreSQL is not waited for any more.
    func divert(_ rows: [PendingRow]) {
        if let spooler { return spooler.append(rows) }
        for row in rows { row.finish(.failure(.unavailable)) }
    }

    func divertWaiting() {
        divert(queue.divertWaiting())
        tellPending()
    }

    /// The random bits of a writer's ids count up from a random start (RFC 9562 §6.2): two calls of getrandom(2) for
    /// each row would be a tenth of its cost.
    private func nextID(of row: AuditRow) -> UUIDv7 {
        sequence &+= 1
        return UUIDv7(milliseconds: UInt64(clamping: row.receivedAt / 1000), random: (sequenceHead, sequence))
    }

    // MARK: Whether rows can be written

    func becomeAvailable() {
        gate = .open
        guard !status.isAvailable else { return }
        status.fault = nil
        observe(.available)
    }

    /// - Parameter gate: what becomes of the rows that come now.
    func becomeUnavailable(_ gate: Gate, because reason: String) {
        self.gate = gate
        let wasAvailable = status.isAvailable
        let isFirst = status.isInitial
        status.fault = reason
        if wasAvailable || isFirst { observe(.unavailable(reason: reason)) }
    }

    private func interrupted(_ interruption: PersistentConnection.Interruption) {
        switch interruption {
        case .reconnecting(let error):
            becomeUnavailable(staysClosed ? .closed : .opening, because: "\(error)")
        case .pausing(let error):
            becomeUnavailable(.closed, because: "\(error)")
            if spooler != nil { divertWaiting() }
        }
    }

    /// Whether rows are to go to the spool until a statement has succeeded.
    var staysClosed: Bool {
        if case .closed = gate { spooler != nil } else { false }
    }

    // MARK: Rows whose time is up

    private func setExpiry(_ deadline: Moment) {
        if let expiresAt, expiresAt <= deadline { return }
        expiresAt = deadline
        expiry?.set(deadline.instant)
    }

    private func expire() {
        expiresAt = nil
        let (late, next) = queue.divertLate(now: .now)
        if let next { setExpiry(next) }
        guard !late.isEmpty else { return }
        divert(late)
        let why = lastSetback.map { ": \($0)" } ?? ""
        let reason = "rows were not committed within \(settings.commitTimeout)\(why)"
        becomeUnavailable(spooler == nil ? gate : .closed, because: reason)
        if spooler != nil { divert(queue.divertWaiting()) }
        tellPending()
    }

    func tellPending() {
        observe(.pending(rows: pendingCount))
        if isSettled { tellFlushers() }
    }

    private func tellFlushers() {
        for flusher in flushers { flusher.resume(returning: ()) }
        flushers = []
    }
}
