package import EventLoop
package import PostgreSQL

/// Runs the migration at the start and then each hour, so that each day finds its partition: one for a process.
///
/// It opens a connection of its own each time: a transaction must not share the one that rows are committed on.
package final class PartitionKeeper {
    package enum Event: Sendable, Equatable {
        /// Tables were made.
        case created([String])
        /// Told each time that it is found so.
        case defaultPartitionHasRows
        /// Told once until the next success; it is tried again.
        case failed(PostgreSQLError)
    }

    private static let interval: Duration = .seconds(3600)
    /// After the server's refusal, of a right to create tables for example, which is nothing that passes by itself.
    private static let refusalPause: Duration = .seconds(60)

    private let conninfo: String?
    private let loop: EventLoop
    private let wakeup: Wakeup
    private let log: (Event) -> Void
    private let now: () -> Int64
    private var isStopped = false

    /// - Parameters:
    ///   - conninfo: as of `Connection.open`.
    ///   - now: microseconds since 1970-01-01T00:00:00Z.
    package init(
        conninfo: String?, on loop: EventLoop, now: @escaping () -> Int64 = wallClockMicroseconds,
        log: @escaping (Event) -> Void
    ) {
        self.conninfo = conninfo
        self.loop = loop
        self.now = now
        self.log = log
        wakeup = Wakeup(on: loop)
    }

    /// - Parameter attempted: called once, after the first attempt, whatever came of it.
    package func start(attempted: @escaping () -> Void = {}) {
        loop.spawn { await self.run(attempted) }
    }

    package func stop() {
        isStopped = true
        wakeup.signal()
    }

    private func run(_ attempted: () -> Void) async {
        var backoff = Backoff()
        var isFailing = false
        var isFirst = true
        while !isStopped {
            let pause: Duration
            do throws(PostgreSQLError) {
                tell(of: try await migrate())
                (isFailing, pause) = (false, Self.interval)
                backoff.reset()
            } catch {
                if !isFailing { log(.failed(error)) }
                isFailing = true
                pause = error.isConnectionLost ? backoff.next() : Self.refusalPause
            }
            if isStopped { break }
            if isFirst { attempted() }
            isFirst = false
            await wakeup.wait(until: .now + pause)
        }
        wakeup.cancel()
    }

    private func migrate() async throws(PostgreSQLError) -> Migration.Report {
        let connection = try await Connection.open(conninfo, on: loop)
        defer { connection.close() }
        return try await Migration.run(on: connection, now: now())
    }

    private func tell(of report: Migration.Report) {
        if !report.created.isEmpty { log(.created(report.created)) }
        if report.defaultPartitionHasRows { log(.defaultPartitionHasRows) }
    }
}
