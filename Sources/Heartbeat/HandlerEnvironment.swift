/// What the domain cannot know by itself.
package struct HandlerEnvironment {
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var wallClock: () -> Int64
    package var now: () -> ContinuousClock.Instant
    /// 64 bits for ids, which must not collide and need not be secret. Taken up to four times a request, so that
    /// asking the system each time would be felt: see `SplitMix64`.
    package var random: () -> UInt64
    /// The token's SHA-256.
    package var taskHash: (TaskToken) -> TaskHash
    package var openAPIYAML: [UInt8]
    package var openAPIJSON: [UInt8]
    package var detailsRetention: DetailsRetention
    /// Whether answers to heartbeats say what took how long.
    package var tellsTimings: Bool

    package init(
        wallClock: @escaping () -> Int64, now: @escaping () -> ContinuousClock.Instant = { .now },
        random: @escaping () -> UInt64, taskHash: @escaping (TaskToken) -> TaskHash, openAPIYAML: [UInt8],
        openAPIJSON: [UInt8], detailsRetention: DetailsRetention = .full, tellsTimings: Bool = false
    ) {
        self.wallClock = wallClock
        self.now = now
        self.random = random
        self.taskHash = taskHash
        self.openAPIYAML = openAPIYAML
        self.openAPIJSON = openAPIJSON
        self.detailsRetention = detailsRetention
        self.tellsTimings = tellsTimings
    }
}

/// A call that read the audit table, or was not let: it has no row, and this is all that is told of it.
package struct Reading: Sendable, Equatable {
    package var requestID: String
    /// nil: it was refused before that was known.
    package var caller: Caller?
    /// A numeric address.
    package var clientAddress: String?
    /// Of the answer; nil for a 200.
    package var code: ErrorCode?
    package var duration: Duration
}

/// Is told of every heartbeat, of every reading and of every other failure, once, for metrics and the log.
package protocol HeartbeatObserver: AnyObject {
    /// - Parameters:
    ///   - row: what was handed to the audit log, whether or not that could keep it.
    ///   - code: of the answer, which is not the row's where the audit log failed; nil for a 200.
    ///   - duration: from the end of the request's head to the answer, the audit log's share included.
    func finished(_ row: AuditRow, code: ErrorCode?, duration: Duration, _ course: Course)

    func finished(_ reading: Reading)

    /// Of a request that is neither and was refused.
    func failed(_ code: ErrorCode, requestID: String, clientAddress: String?)
}
