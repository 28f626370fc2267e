import Heartbeat
import LibCrypto
import PostgreSQL
import TestSupport

@testable import Audit

extension Connection {
    /// Rows with ids that end in their numbers.
    func insert(_ rows: [AuditRow]) async throws {
        for (number, row) in rows.enumerated() { try await insert(row, number) }
    }

    /// - Parameter number: the row's id is made of it.
    func insert(_ row: AuditRow, _ number: Int) async throws {
        let id = UUIDv7(milliseconds: UInt64(row.receivedAt / 1000), random: (0, UInt64(number)))
        func quoted(_ text: String?) -> String { text.map { "'\($0)'" } ?? "NULL" }
        let token = row.taskHash.map { "'\\x\(lowercaseHex($0.octets))'" } ?? "NULL"
        let cancel = row.cancelRequested.map { "\($0)" } ?? "NULL"
        let details = quoted(row.details.map(storable))
        try await query(
            """
            INSERT INTO heartbeat_audit (id, received_at, request_id, caller, authentication, task_token_sha256,
                details, details_length, outcome, status, cancel_requested, attempts, duration_us, relayed, instance)
            VALUES ('\(id)',
                timestamptz 'epoch' + \(row.receivedAt) * interval '1 microsecond', '\(row.requestID)',
                \(quoted(row.caller?.name)), \(quoted(row.caller?.authentication.rawValue)), \(token),
                \(details), \(row.details?.count ?? 0), '\(row.outcome)',
                \(row.status), \(cancel), 1, 7, true, 'test')
            """)
    }
}

func storedRow(
    _ requestID: String, token: String = "t", caller: String = "a", after microseconds: Int64 = 0,
    details: String? = nil, cancel: Bool? = false
) -> AuditRow {
    AuditRow(
        receivedAt: AuditRow.noon + microseconds, requestID: requestID,
        caller: Caller(name: caller, authentication: .apiKey), taskHash: TaskHash(of: token), details: details,
        outcome: "recorded", status: 200, cancelRequested: cancel)
}
