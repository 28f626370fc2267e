import EventLoop
import Heartbeat
import PostgreSQL
import Spool
import TestSupport

@testable import Audit

/// A writer on a loop, and what it tells of its work.
struct Fixture {
    let writer: AuditWriter
    let events: Events<AuditEvent>
    let status: AuditStatus
    let loop: EventLoop

    init(
        _ conninfo: String, on loop: EventLoop, spool: Spool? = nil, settings: AuditWriter.Settings = .patient
    ) {
        let events = Events<AuditEvent>(on: loop)
        let status = AuditStatus()
        writer = AuditWriter(
            conninfo: conninfo, instance: "test", on: loop, spool: spool, settings: settings, status: status,
            observe: events.add)
        (self.events, self.status, self.loop) = (events, status, loop)
        writer.start()
    }

    /// Appends a row and says what came of it, nil for success.
    func append(_ row: AuditRow) async -> AuditFailure? {
        await Suspension.wait { waiter in
            writer.append(row, wait: .seconds(3600)) { result in
                if case .failure(let failure) = result {
                    waiter.resume(returning: failure)
                } else {
                    waiter.resume(returning: nil)
                }
            }
        }
    }

    /// Appends rows all at once; what came of each, in order.
    func append(_ rows: [AuditRow]) async -> [AuditFailure?] {
        var results: [AuditFailure??] = Array(repeating: nil, count: rows.count)
        let done = Wakeup(on: loop)
        let box = Box(results)
        for (index, row) in rows.enumerated() {
            loop.spawn {
                box.values[index] = .some(await self.append(row))
                if !box.values.contains(where: { $0 == nil }) { done.signal() }
            }
        }
        await done.wait()
        results = box.values
        return results.map { $0 ?? nil }
    }

    func untilAvailable() async {
        await events.wait { $0 == .available }
    }

    func untilUnavailable() async {
        await events.wait { if case .unavailable = $0 { true } else { false } }
    }

    /// The numbers of rows of the statements committed so far.
    var statements: [Int] {
        events.all.compactMap { if case .committed(let rows, _) = $0 { rows } else { nil } }
    }
}

private final class Box {
    var values: [AuditFailure??]

    init(_ values: [AuditFailure??]) {
        self.values = values
    }
}

extension AuditWriter.Settings {
    /// Rows wait so long that a busy machine fails none.
    static var patient: Self {
        var settings = Self()
        settings.commitTimeout = .seconds(60)
        settings.statementTimeout = .seconds(60)
        settings.probeInterval = .milliseconds(20)
        return settings
    }

    /// Rows soon fail.
    static var impatient: Self {
        var settings = Self.patient
        settings.commitTimeout = .milliseconds(50)
        return settings
    }
}

extension AuditRow {
    static let noon: Int64 = 1_795_176_000_123_456

    /// A row with nothing in it that need not be.
    static func make(_ requestID: String, details: String? = nil, receivedAt: Int64 = noon) -> AuditRow {
        AuditRow(receivedAt: receivedAt, requestID: requestID, details: details, outcome: "recorded", status: 200)
    }
}

extension PrivatePostgreSQL.Database {
    /// Makes the audit table.
    func migrate(on loop: EventLoop) async throws {
        try await migrated(on: loop)
    }

    /// Brings the audit table to what there is to be at that time.
    @discardableResult
    func migrated(
        on loop: EventLoop, now: Int64 = AuditRow.noon, retention: Duration? = nil
    ) async throws -> Migration.Report {
        try await Migration(connectionString, on: loop).run(Retention(now: now, retention: retention))
    }

    /// The rows of a statement.
    func rows(_ sql: String, on loop: EventLoop) async throws -> [[String?]] {
        try await withConnection(connectionString, on: loop) { try await $0.query(sql).rows }
    }
}
