internal import EventLoop
internal import Heartbeat
internal import PostgreSQL
internal import Spool

/// Has one loop's rows made durable in the spool: all that wait go together, and what comes meanwhile goes next.
///
/// For use on its loop only.
final class RowSpooler {
    /// What a record begins with, so that a later version can tell its own rows from these.
    static let recordVersion: UInt8 = 1
    /// A disk that takes longer has failed, though it may not have said so.
    static let writeTimeout: Duration = .seconds(5)

    private let spool: Spool
    private let loop: EventLoop
    /// Told of each write.
    var observe: (AuditEvent) -> Void = { _ in }
    private var waiting: [PendingRow] = []
    private var underWay: [PendingRow] = []
    private var isRunning = false
    /// Whether the write that is under way is overdue: rows fail until it returns.
    private var isStuck = false
    private var isFailing = false
    private var timer: LoopTimer?

    var count: Int { waiting.count + underWay.count }

    init(_ spool: Spool, on loop: EventLoop) {
        self.spool = spool
        self.loop = loop
        timer = LoopTimer(on: loop) { [weak self] in self?.becomeStuck() }
    }

    func append(_ rows: [PendingRow]) {
        if isStuck { return Self.fail(rows) }
        waiting += rows
        guard !isRunning, !rows.isEmpty else { return }
        isRunning = true
        loop.spawn { await self.run() }
    }

    func stop() {
        timer?.cancel()
        Self.fail(underWay + waiting)
        waiting = []
    }

    private func run() async {
        while !waiting.isEmpty {
            swap(&waiting, &underWay)
            let start = ContinuousClock.now
            timer?.set(start + Self.writeTimeout)
            let result: Result<Void, SpoolFailure>
            do throws(SpoolFailure) {
                try await spool.append(underWay.map { [Self.recordVersion] + $0.row.bytes })
                result = .success(())
            } catch {
                result = .failure(error)
            }
            timer?.clear()
            isStuck = false
            finish(result, in: .now - start)
        }
        isRunning = false
    }

    private func finish(_ result: Result<Void, SpoolFailure>, in duration: Duration) {
        let rows = underWay
        underWay = []
        switch result {
        case .success:
            isFailing = false
            for row in rows { row.finish(.success(())) }
            observe(.spooled(rows: rows.count, in: duration))
        case .failure(let failure):
            Self.fail(rows)
            failed("\(failure)")
        }
    }

    private func becomeStuck() {
        isStuck = true
        Self.fail(underWay + waiting)
        waiting = []
        failed("the disk takes longer than \(Self.writeTimeout)")
    }

    private func failed(_ reason: String) {
        if !isFailing { observe(.spoolFailed(reason: reason)) }
        isFailing = true
    }

    private static func fail(_ rows: [PendingRow]) {
        for row in rows { row.finish(.failure(.unavailable)) }
    }
}
