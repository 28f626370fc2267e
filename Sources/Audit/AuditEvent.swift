/// What a writer tells of its work, for metrics and the log; on the writer's loop.
package enum AuditEvent: Sendable, Equatable {
    /// One statement made that many rows durable; the duration is from sending it to the server's answer.
    case committed(rows: Int, in: Duration)
    /// So did the spool.
    case spooled(rows: Int, in: Duration)
    /// The spool could not: heartbeats are answered with a failure. Told once until it can again.
    case spoolFailed(reason: String)
    /// How many rows wait now, those of the running statement included. Told before and after each statement.
    case pending(rows: Int)
    /// PostgreSQL takes rows again, or for the first time. Told once a change, as is its opposite.
    case available
    case unavailable(reason: String)
    /// The server refused a single row for its content; its heartbeat was answered with a failure.
    case rejected(requestID: String, reason: String)
}
