import Heartbeat

/// What SWF keeps of tasks: how many heartbeats it takes, when it last heard of each, which are to be cancelled, and
/// which are over.
struct OpenTasks: Sendable {
    struct Counts: Encodable, Equatable {
        var open = 0
        var timedOut = 0
        /// Those that are over included.
        var cancelRequested = 0
    }

    /// Beyond it, something of some task is forgotten.
    static let tasksMax = 100_000

    private let rate: RateLimit?
    private let timeout: Duration?
    private var bucket: TokenBucket
    private var heardAt: [String: Moment] = [:]
    private var cancelled: Set<String> = []
    private var closed: Set<String> = []

    /// - Parameters:
    ///   - rate: nil: all heartbeats are taken.
    ///   - heartbeatTimeout: from a task's begin, or first heartbeat, on; nil: none is ever timed out.
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
        try checkIsOpen(token)
        guard let timeout else { return }
        if let last = heardAt[token], now - last > timeout { throw .unknownActivity }
        note(token, at: now)
    }

    /// - Throws: an UnknownResourceFault for a task that was closed.
    func checkIsOpen(_ token: String) throws(Fault) {
        if closed.contains(token) { throw .unknownActivity }
    }

    /// Its timeout runs from now on, unless it does already.
    mutating func begin(_ token: String, at now: Moment) {
        if heardAt[token] == nil { note(token, at: now) }
    }

    private mutating func note(_ token: String, at now: Moment) {
        if heardAt.count == Self.tasksMax, heardAt[token] == nil { _ = heardAt.popFirst() }
        heardAt[token] = now
    }

    mutating func close(_ token: String) {
        heardAt[token] = nil
        Self.insert(token, into: &closed)
    }

    mutating func requestCancellation(of token: String) {
        Self.insert(token, into: &cancelled)
    }

    func isCancelRequested(of token: String) -> Bool { cancelled.contains(token) }

    /// Of the tasks that were begun; where there is a timeout, also of those that had a heartbeat.
    func counts(at now: Moment) -> Counts {
        let timedOut = timeout.map { timeout in heardAt.values.count { now - $0 > timeout } } ?? 0
        return Counts(open: heardAt.count - timedOut, timedOut: timedOut, cancelRequested: cancelled.count)
    }

    private static func insert(_ token: String, into tokens: inout Set<String>) {
        if tokens.count == tasksMax, !tokens.contains(token) { _ = tokens.popFirst() }
        tokens.insert(token)
    }
}
