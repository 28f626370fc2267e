package import EventLoop
package import Heartbeat
internal import PostgreSQL

/// Writes the audit rows of one loop to PostgreSQL: all rows that wait go out in one statement, and what comes while it
/// runs goes into the next.
///
/// For use on its loop only. Whoever made it calls `start`, and `flush` and `stop` at the end.
package final class AuditWriter: AuditLog {
    package struct Settings: Sendable {
        /// A row that is not known to be committed by then fails.
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
        /// There is no connection, or the server refuses rows: the row fails at once.
        case closed
    }

    let settings: Settings
    let instance: String
    private let loop: EventLoop
    let status: AuditStatus
    private let connection: PersistentConnection
    /// Rows have come, or the connection has ended.
    let wakeup: Wakeup
    private var expiry: LoopTimer?
    private var isExpirySet = false
    private var flushers: [Suspension<Void>] = []
    private let sequenceHead = UInt64.random(in: 0 ... .max)
    private var sequence = UInt64.random(in: 0 ... .max)

    var gate = Gate.opening
    var queue = RowQueue()
    let observe: (AuditEvent) -> Void

    /// - Parameters:
    ///   - conninfo: as of `Connection.open`.
    ///   - instance: what every row says made it.
    ///   - status: kept up to date.
    ///   - observe: called on the loop.
    package init(
        conninfo: String?, instance: String, on loop: EventLoop, settings: Settings = Settings(),
        status: AuditStatus = AuditStatus(), observe: @escaping (AuditEvent) -> Void = { _ in }
    ) {
        self.loop = loop
        self.settings = settings
        self.instance = instance
        self.status = status
        self.observe = observe
        connection = PersistentConnection(conninfo, on: loop)
        wakeup = Wakeup(on: loop)
        expiry = LoopTimer(on: loop) { [weak self] in self?.expire() }
    }

    /// Begins to connect, and keeps at it.
    package func start() {
        loop.spawn {
            await self.connection.run(interrupted: self.interrupted, use: self.write)
            self.queue.failWaiting()
            self.wakeup.cancel()
        }
    }

    package func append(_ row: AuditRow) async throws(AuditFailure) {
        if case .closed = gate { throw .unavailable }
        guard queue.count < settings.rowsPendingMax else { throw .full }
        let id = nextID(of: row)
        let deadline = ContinuousClock.now + settings.commitTimeout
        let result = await Suspension<Result<Void, AuditFailure>>.wait { waiter in
            queue.append(
                PendingRow(
                    id: id, row: row, deadline: deadline, batchRowsMax: settings.rowsPerStatementMax, waiter: waiter))
            setExpiry(deadline)
            wakeup.signal()
        }
        try result.get()
    }

    /// Returns once no row waits any more: each is committed or has failed.
    package func flush() async {
        await Suspension.wait { flusher in
            if queue.count == 0 { flusher.resume(returning: ()) } else { flushers.append(flusher) }
        }
    }

    /// Closes the connection; rows that wait fail.
    package func stop() {
        gate = .closed
        connection.stop()
        queue.failAll()
        expiry?.cancel()
        tellFlushers()
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
        case .reconnecting(let error): becomeUnavailable(.opening, because: "\(error)")
        case .pausing(let error): becomeUnavailable(.closed, because: "\(error)")
        }
    }

    // MARK: Rows whose time is up

    private func setExpiry(_ deadline: ContinuousClock.Instant) {
        // One that is set already is for an older row.
        guard !isExpirySet else { return }
        isExpirySet = true
        expiry?.set(deadline)
    }

    private func expire() {
        isExpirySet = false
        let (failed, next) = queue.expire(now: .now)
        if let next { setExpiry(next) }
        if failed > 0 {
            becomeUnavailable(gate, because: "rows were not committed within \(settings.commitTimeout)")
        }
        tellPending()
    }

    func tellPending() {
        observe(.pending(rows: queue.count))
        if queue.count == 0 { tellFlushers() }
    }

    private func tellFlushers() {
        for flusher in flushers { flusher.resume(returning: ()) }
        flushers = []
    }
}
