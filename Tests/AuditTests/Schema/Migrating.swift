import EventLoop
import Heartbeat
import PostgreSQL
import TestSupport

@testable import Audit

/// A migration that runs beside the test.
final class Migrating {
    private static let failure = "failed"

    private let events: Events<String>
    private let ended: Wakeup
    private var outcome: Result<Migration.Report, PostgreSQLError>?

    init(
        _ database: PrivatePostgreSQL.Database, on loop: EventLoop, now: Int64 = AuditRow.noon,
        retention: Duration? = nil
    ) {
        events = Events(on: loop)
        ended = Wakeup(on: loop)
        loop.spawn {
            do throws(PostgreSQLError) {
                let migration = Migration(database.connectionString, on: loop)
                let retention = Retention(now: now, retention: retention)
                self.outcome = .success(try await migration.run(retention, progress: self.events.add))
            } catch {
                self.outcome = .failure(error)
                self.events.add(Self.failure)
            }
            self.ended.signal()
        }
    }

    /// Waits until a step is done, or one has failed.
    func untilDone(_ title: String) async {
        await events.wait { $0 == title || $0 == Self.failure }
    }

    func result() async throws(PostgreSQLError) -> Migration.Report {
        while true {
            if let outcome { return try outcome.get() }
            await ended.wait()
        }
    }
}

extension PrivatePostgreSQL.Database {
    /// Ends the connection of the one whose statement is like that, once it waits for a lock.
    func terminate(_ statement: String, on loop: EventLoop) async throws {
        let count = "count(pg_terminate_backend(pid))"
        while try await rows(waiting(count, statement), on: loop) != [["1"]] {}
    }

    func untilWaiting(_ statement: String, on loop: EventLoop) async throws {
        while try await rows(waiting("count(*)", statement), on: loop) != [["1"]] {}
    }

    private func waiting(_ column: String, _ statement: String) -> String {
        """
        SELECT \(column) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE '\(statement)' AND wait_event_type = 'Lock'
        """
    }
}
