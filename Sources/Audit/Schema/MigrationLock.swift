internal import EventLoop
internal import PostgreSQL

/// Held by at most one process that changes the schema, as long as a transaction of its own connection is open.
///
/// The lock is the transaction's, not the session's, so that it also holds behind a pooler which lends a server's
/// connection for one transaction. It is not the transaction of the change itself, since some changes cannot be made in
/// one. And it is asked for again and again rather than waited for: a statement that waits has a snapshot, and CREATE
/// INDEX CONCURRENTLY, by whoever holds the lock, waits for older snapshots.
struct MigrationLock {
    /// Any constant that no other application of the same database is likely to use, nor version 0.1 of the service:
    /// that one waits for its lock in a statement.
    private static let key = "5216694953126363138"
    private static let retryInterval: Duration = .milliseconds(200)

    let connection: Connection

    /// - Parameter patience: how long somebody else may have it.
    /// - Throws: also where somebody else has it for longer.
    func acquire(patience: Duration, on loop: EventLoop) async throws(PostgreSQLError) {
        let deadline = ContinuousClock.now + patience
        while try await !tryToAcquire() {
            guard .now < deadline else {
                throw PostgreSQLError(
                    message: "another process has been changing the schema for \(patience)", isConnectionLost: false)
            }
            await loop.pause(for: Self.retryInterval)
        }
    }

    private func tryToAcquire() async throws(PostgreSQLError) -> Bool {
        try await connection.query("BEGIN ISOLATION LEVEL READ COMMITTED")
        let isAcquired = try await connection.query("SELECT pg_try_advisory_xact_lock(\(Self.key))").rows == [["t"]]
        // The snapshot of a statement's portal stays until there is another portal: this one has none.
        try await connection.query(isAcquired ? "SET LOCAL idle_in_transaction_session_timeout = 0" : "ROLLBACK")
        return isAcquired
    }

    func release() async {
        // Its own failure changes nothing: then the connection is lost, and the transaction with it.
        _ = try? await connection.query("ROLLBACK")
    }
}
