import Audit
import EventLoop
import Logging
import Spool
import Telemetry

/// The spool, and what brings its rows home, on a loop of their own.
final class SpoolService: Sendable {
    let spool: Spool
    let registry: Registry
    private let replayer: SpoolReplayer
    private let lifetime: Lifetime

    /// Takes the directory; blocks until that is done.
    /// - Throws: `SpoolFailure`, or `SystemError` where there can be no loop.
    init(_ settings: Spool.Settings, conninfo: String?, _ logger: Logger) throws {
        let loop = try EventLoop(name: "spool")
        lifetime = Lifetime(of: loop)
        loop.start { [lifetime] in await lifetime.untilEnd() }
        spool = try EventLoop.run { _ in
            try await Spool.open(settings, on: loop, observe: { Self.log($0, logger) })
        }
        let metrics = SpoolMetrics(spool.status, limitBytes: settings.limitBytes)
        registry = metrics.registry
        replayer = SpoolReplayer(spool, conninfo: conninfo) { event in
            if case .replayed(let rows, _) = event { metrics.replayedRows.add(rows) }
            Self.log(event, logger)
        }
    }

    /// Begins to bring rows home; the audit table is there, or could not be made yet.
    func replay() async {
        await replayer.run()
    }

    /// To be called when nobody appends any more.
    func close() async {
        await replayer.stop()
        await spool.close()
        await lifetime.end()
    }

    /// nil: rows can be spooled; else why not.
    var fault: String? {
        let status = spool.status.snapshot
        return status.fault ?? (status.isFull ? "it is full" : nil)
    }

    /// Whether all its rows are in PostgreSQL.
    var isEmpty: Bool { spool.status.snapshot.records == 0 }

    private static func log(_ event: SpoolEvent, _ logger: Logger) {
        switch event {
        case .cutOff(let file, let bytes):
            logger.notice(
                "cut off an unfinished write in the spool", metadata: ["file": "\(file)", "bytes": "\(bytes)"])
        case .corrupt(let file, let reason):
            logger.critical("a segment of the spool is corrupt", metadata: ["file": "\(file)", "reason": "\(reason)"])
        case .setAside(let file):
            logger.critical("a corrupt segment of the spool is kept for you to look at", metadata: ["file": "\(file)"])
        case .failed(let reason):
            logger.critical("the spool cannot be written to", metadata: ["reason": "\(reason)"])
        case .recovered:
            logger.notice("the spool can be written to again")
        case .full:
            logger.critical("the spool is full: raise HEARTBEAT_SPOOL_LIMIT, or see why PostgreSQL takes no rows")
        case .notDeleted(let reason):
            logger.error("a replayed segment of the spool is still there", metadata: ["reason": "\(reason)"])
        }
    }

    private static func log(_ event: SpoolReplayer.Event, _ logger: Logger) {
        switch event {
        case .replayed(let rows, _):
            logger.debug("brought audit rows from the spool to PostgreSQL", metadata: ["rows": "\(rows)"])
        case .finished:
            logger.notice("all audit rows of the spool are in PostgreSQL")
        case .failed(let reason):
            logger.warning("the spool's audit rows stay there for now", metadata: ["reason": "\(reason)"])
        case .rejected(let requestID, let reason):
            logger.critical(
                "an audit row of the spool is refused", metadata: ["request_id": "\(requestID)", "reason": "\(reason)"])
        }
    }
}

/// How long a loop lives.
private actor Lifetime {
    private nonisolated let loop: EventLoop
    private let ended: Wakeup

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(of loop: EventLoop) {
        self.loop = loop
        ended = Wakeup(on: loop)
    }

    func untilEnd() async {
        await ended.wait()
    }

    func end() {
        ended.signal()
    }
}
