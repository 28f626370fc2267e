import Heartbeat

/// What SWF keeps of heartbeats: how many it takes, and when it last heard of each task.
struct OpenTasks: Sendable {
    /// Beyond it, some task is forgotten to have been heard of.
    static let tasksMax = 100_000

    private let rate: RateLimit?
    private let timeout: Duration?
    private var bucket: TokenBucket
    private var heardAt: [String: Moment] = [:]

    /// - Parameters:
    ///   - rate: nil: all heartbeats are taken.
    ///   - heartbeatTimeout: from a task's first heartbeat on; nil: none is ever over.
    init(
        rate: RateLimit? = nil, heartbeatTimeout: Duration? = nil, now: Moment = .now
    ) {
        self.rate = rate
        timeout = heartbeatTimeout
        bucket = TokenBucket(now: now)
    }

    /// - Throws: a ThrottlingException, or an UnknownResourceFault.
    mutating func heartbeat(_ token: String, at now: Moment) throws(Fault) {
        if let rate, !bucket.take(rate, now: now).isAllowed { throw .rateExceeded }
        guard let timeout else { return }
        if let last = heardAt[token], now - last > timeout { throw .unknownActivity }
        if heardAt.count == Self.tasksMax, heardAt[token] == nil { _ = heardAt.popFirst() }
        heardAt[token] = now
    }
}
