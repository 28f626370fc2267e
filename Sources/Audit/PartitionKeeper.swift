package import EventLoop
package import PostgreSQL

/// Runs the migration at the start and then each hour, so that each day finds its partition and old ones go: one for a
/// process.
///
/// It opens connections of its own each time: a transaction must not share the one that rows are committed on.
package final class PartitionKeeper {
    package enum Event: Sendable, Equatable {
        /// What was done to the schema.
        case changed([String])
        /// What should have been done by somebody else, since this role may not. Told once a change; empty once it is
        /// done.
        case overdue([String])
        /// How many rows lie in the default partition, up to a million. Told each time, zero too.
        case rowsInDefaultPartition(Int)
        /// Told once until the next success; it is tried again.
        case failed(PostgreSQLError)
    }

    private static let interval: Duration = .seconds(3600)
    /// After the server's refusal, of a right to create tables for example, which is nothing that passes by itself.
    private static let refusalPause: Duration = .seconds(60)

    private let migration: Migration
    private let retention: Duration
    private let wakeup: Wakeup
    private let loop: EventLoop
    private let log: (Event) -> Void
    private let now: () -> Int64
    private var isStopped = false
    private var overdue: [String] = []

    /// - Parameters:
    ///   - conninfo: as of `Connection.open`.
    ///   - retention: how long partitions are kept after their day, at least a day.
    ///   - now: microseconds since 1970-01-01T00:00:00Z.
    package init(
        conninfo: String?, retention: Duration, on loop: EventLoop, now: @escaping () -> Int64 = wallClockMicroseconds,
        log: @escaping (Event) -> Void
    ) {
        self.retention = retention
        self.loop = loop
        self.now = now
        self.log = log
        migration = Migration(conninfo, on: loop)
        wakeup = Wakeup(on: loop)
    }

    /// - Parameter ready: called once: rows can be written, or it is not known yet whether they can.
    package func start(ready: @escaping () -> Void = {}) {
        loop.spawn { await self.run(ready) }
    }

    package func stop() {
        isStopped = true
        migration.stop()
        wakeup.signal()
    }

    private func run(_ ready: () -> Void) async {
        var backoff = Backoff()
        var isFailing = false
        var isReady = false
        func tellReady() {
            if !isReady { ready() }
            isReady = true
        }
        while !isStopped {
            var pause = Self.interval
            do throws(PostgreSQLError) {
                tell(of: try await migration.run(Retention(now: now(), retention: retention), usable: tellReady))
                isFailing = false
                backoff.reset()
            } catch {
                if isStopped { break }
                if !isFailing { log(.failed(error)) }
                isFailing = true
                pause = error.isConnectionLost ? backoff.next() : Self.refusalPause
            }
            if isStopped { break }
            tellReady()
            await wakeup.wait(until: .now + pause)
        }
        wakeup.cancel()
    }

    private func tell(of report: Migration.Report) {
        if !report.done.isEmpty { log(.changed(report.done)) }
        if report.overdue != overdue { log(.overdue(report.overdue)) }
        overdue = report.overdue
        log(.rowsInDefaultPartition(report.rowsInDefault))
    }
}
