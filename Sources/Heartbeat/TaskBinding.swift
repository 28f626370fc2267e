/// Says whose a task is: one for all event loops.
package protocol TaskBinding: AnyObject, Sendable {
    /// Whether the caller may send the task's heartbeats. May wait for what is known of the task, for a part of the
    /// time that is left.
    func admits(_ caller: Caller, to task: TaskHash, deadline: ContinuousClock.Instant) async -> Bool
}

/// What the audit table has of tasks' first callers: one for all event loops.
package protocol FirstCallers: Sendable {
    /// - Parameter deadline: what is not read by then is `.unavailable`.
    /// - Returns: whose heartbeat of the task was the first that SWF recorded; nil where there is none.
    /// - Throws: `.unavailable` where the table cannot be read, `.full` where too many wait already.
    func firstCaller(of task: TaskHash, deadline: ContinuousClock.Instant) async throws(AuditFailure)
        -> Caller.Identity?
}
