package import EventLoop
package import PostgreSQL

/// Brings the audit table and its partitions to what this version of the service needs. Safe to be run by many at once,
/// and while rows are written by versions older and newer.
///
/// For use on its loop only, and one `run` at a time.
package final class Migration {
    /// Of the lock, while somebody else changes the schema.
    package static let patience: Duration = .seconds(60)
    /// A change that was made meanwhile may call for another.
    private static let passesMax = 3
    /// How often a step is tried that others' locks keep from its own.
    private static let lockAttemptsMax = 5
    private static let lockPause: Duration = .milliseconds(500)
    /// Of rows from the default partition to their own, in one statement.
    private static let moveTimeout: Duration = .seconds(600)
    /// Of one partition's index; it waits for all transactions of the database that were there before.
    private static let indexTimeout: Duration = .seconds(6 * 3600)

    package struct Report: Sendable, Equatable {
        /// The titles of the steps taken; empty where there was nothing to do.
        package var done: [String] = []
        /// The titles of those that this role has not the right to take.
        package var lacking: [String] = []
        /// Those of them that should have been taken by now, were it by a job that runs once a day.
        package var overdue: [String] = []
        /// How many rows lie in the default partition, up to a million: their days' partitions were missing when they
        /// came, and could not be made since.
        package var rowsInDefault = 0
    }

    private let conninfo: String?
    private let loop: EventLoop
    private var connections: [Connection] = []
    private var isStopped = false

    /// - Parameter conninfo: as of `Connection.open`. Behind a pooler it may be one in transaction mode.
    package init(_ conninfo: String?, on loop: EventLoop) {
        self.conninfo = conninfo
        self.loop = loop
    }

    /// Does what is to be done. Where nothing is, it takes no lock and needs no right but to read.
    /// - Parameters:
    ///   - patience: how long somebody else may be changing the schema.
    ///   - usable: called as soon as rows can be written, which may be long before the end, and more than once.
    ///   - progress: told the title of each step when it is done.
    package func run(
        _ retention: Retention, patience: Duration = patience, usable: () -> Void = {},
        progress: (String) -> Void = { _ in }
    ) async throws(PostgreSQLError) -> Report {
        defer { close() }
        let connection = try await open()
        var catalogue = try await Catalogue.read(on: connection)
        let steps = SchemaPlan.steps(catalogue, retention)
        if catalogue.hasTable, !steps.contains(where: \.isUrgent) { usable() }
        var report = Report()
        if !steps.isEmpty {
            if catalogue.mayChange {
                catalogue = try await change(connection, retention, patience, usable: usable) { title in
                    report.done.append(title)
                    progress(title)
                }
            } else {
                report.lacking = steps.map(\.title)
                report.overdue = SchemaPlan.overdue(catalogue, retention).map(\.title)
            }
        }
        if catalogue.hasTable { usable() }
        report.rowsInDefault = catalogue.rowsInDefault
        return report
    }

    /// What there is and what is to be done; changes nothing.
    package func status(_ retention: Retention) async throws(PostgreSQLError) -> MigrationStatus {
        defer { close() }
        let connection = try await open()
        return MigrationStatus(try await Catalogue.read(on: connection), retention)
    }

    /// Has `run` throw soon. What the server is at then may still come to its end.
    package func stop() {
        isStopped = true
        close()
    }

    private func open() async throws(PostgreSQLError) -> Connection {
        let connection = try await Connection.open(conninfo, on: loop)
        if isStopped { connection.close() }
        connections.append(connection)
        return connection
    }

    private func close() {
        for connection in connections { connection.close() }
        connections = []
    }

    // MARK: Changing

    /// - Returns: what there is then.
    private func change(
        _ connection: Connection, _ retention: Retention, _ patience: Duration, usable: () -> Void,
        done: (String) -> Void
    ) async throws(PostgreSQLError) -> Catalogue {
        let lock = MigrationLock(connection: try await open())
        try await lock.acquire(patience: patience, on: loop)
        for pass in 1...Self.passesMax {
            let catalogue = try await Catalogue.read(on: connection)
            let steps = SchemaPlan.steps(catalogue, retention)
            if steps.isEmpty { break }
            do throws(PostgreSQLError) {
                for step in steps {
                    if !step.isUrgent { usable() }
                    if let loss = lock.connection.loss { throw loss }
                    try await take(step, on: connection)
                    done(step.title)
                }
            } catch {
                guard error.tellsOfAnother, pass < Self.passesMax else { throw error }
            }
        }
        await lock.release()
        return try await Catalogue.read(on: connection)
    }

    private func take(_ step: MigrationStep, on connection: Connection) async throws(PostgreSQLError) {
        var attempts = 1
        while true {
            do throws(PostgreSQLError) {
                return try await attempt(step, on: connection)
            } catch {
                let lockNotAvailable = "55P03"
                guard error.sqlState == lockNotAvailable, attempts < Self.lockAttemptsMax, !isStopped else {
                    throw PostgreSQLError(
                        sqlState: error.sqlState, message: "\(step.title): \(error.message)",
                        isConnectionLost: error.isConnectionLost)
                }
            }
            attempts += 1
            await loop.pause(for: Self.lockPause)
        }
    }

    private func attempt(_ step: MigrationStep, on connection: Connection) async throws(PostgreSQLError) {
        do throws(PostgreSQLError) {
            for command in step.commands {
                try await connection.query(
                    command, timeout: step.mode == .alone ? Self.indexTimeout : Self.moveTimeout)
            }
        } catch {
            if step.mode != .alone { _ = try? await connection.query("ROLLBACK") }
            throw error
        }
    }
}

extension PostgreSQLError {
    /// What was to be made has been made: by a service of version 0.1, which has a lock of its own.
    fileprivate var tellsOfAnother: Bool {
        let (duplicateTable, uniqueViolation) = ("42P07", "23505")
        return sqlState == duplicateTable || sqlState == uniqueViolation
    }
}
