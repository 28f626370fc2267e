internal import Heartbeat
internal import PostgreSQL

/// How rows of the audit table are read.
enum RecordQuery {
    /// In the order in which `AuditRecord.init(row:)` takes them.
    static let columns = """
        id, \(microseconds("received_at")), \(rfc3339("received_at")), request_id, trace_id, caller, authentication, \
        host(client_address), encode(task_token_sha256, 'hex'), details, details_length, outcome, status, \
        cancel_requested, fault, upstream_request_id, attempts, duration_us, relayed, instance
        """

    /// Newest first.
    static let order = "ORDER BY received_at DESC, id DESC"

    /// A task's last row, the time of the first cancellation, and the number of rows; no row where there is none.
    /// The hash of the token, whose rows count, and whether that name is a token's.
    static let summary = Statement(
        """
        SELECT \(columns), \(rfc3339("first_cancellation")), row_count
        FROM (SELECT * FROM \(Schema.table) WHERE \(ofTask) \(order) LIMIT 1) AS last, (
            SELECT count(*) AS row_count, min(received_at) FILTER (WHERE cancel_requested) AS first_cancellation
            FROM \(Schema.table) WHERE \(ofTask)
        ) AS total
        """)

    /// A task's rows before a position: parameters as above, then time and id of the position, and the limit.
    static let history = Statement(
        """
        SELECT \(columns) FROM \(Schema.table)
        WHERE \(ofTask) AND \(before(time: 4, id: 5)) \(order) LIMIT $6::bigint
        """)

    /// Whose heartbeat of a task was the first that SWF recorded. The hash of the token.
    static let firstCaller = Statement(
        """
        SELECT caller, authentication = 'jwt' FROM \(Schema.table)
        WHERE task_token_sha256 = $1::bytea AND outcome = 'recorded' ORDER BY received_at, id LIMIT 1
        """)

    private static let ofTask = """
        task_token_sha256 = $1::bytea \
        AND ($2::text IS NULL OR caller = $2 AND (authentication = 'jwt') = $3::boolean)
        """

    /// Partitions are passed over only for what is said of their column alone.
    static func before(time: Int, id: Int) -> String {
        "received_at <= $\(time)::timestamptz AND (received_at, id) < ($\(time)::timestamptz, $\(id)::uuid)"
    }

    /// - Parameter position: nil: after all rows.
    static func parameters(before position: AuditPosition?) -> [Parameter] {
        [
            position.map { .timestamp(microseconds: $0.receivedAt) } ?? .text("infinity"),
            .text(position?.id ?? "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ]
    }

    static func microseconds(_ time: String) -> String {
        "(extract(epoch FROM \(time)) * 1000000)::bigint"
    }

    private static func rfc3339(_ time: String) -> String {
        #"to_char(\#(time) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"#
    }
}

extension Parameter {
    /// What `task_token_sha256` has of a task.
    static func hash(of task: TaskHash) -> Parameter {
        .binary(task.octets, type: .bytea)
    }
}

extension AuditRecord {
    /// - Parameter row: begins with `RecordQuery.columns`.
    /// - Returns: nil for what is no such row.
    init?(row: [String?]) {
        guard row.count >= 20, let id = row[0], let time = row[1].flatMap({ Int64($0) }), let receivedAt = row[2],
            let requestID = row[3], let outcome = row[11], let status = row[12].flatMap({ Int($0) }),
            let attempts = row[16].flatMap({ Int($0) }), let duration = row[17].flatMap({ Int($0) }),
            let instance = row[19]
        else { return nil }
        self.init(
            position: AuditPosition(receivedAt: time, id: id), receivedAt: receivedAt, requestID: requestID,
            outcome: outcome, status: status, attempts: attempts, durationMicroseconds: duration,
            relayed: row[18] == "t", instance: instance)
        traceID = row[4]
        caller = row[5]
        authentication = row[6]
        clientAddress = row[7]
        taskTokenSHA256 = row[8]
        details = row[9].map(originalText)
        detailsLength = row[10].flatMap { Int($0) }
        cancelRequested = row[13].map { $0 == "t" }
        fault = row[14]
        upstreamRequestID = row[15]
    }
}
