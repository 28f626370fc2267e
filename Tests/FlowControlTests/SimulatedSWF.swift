import Heartbeat

/// SWF as tasks see it: it counts what comes, times tasks out, and knows whose cancellation is asked for.
struct SimulatedSWF {
    enum Answer: Equatable {
        case recorded(cancelRequested: Bool)
        case unknown
        case throttled
        case failed
        /// None, before the caller's deadline.
        case nothing
    }

    struct Task {
        let timeout: Duration
        var heardAt: Moment?
        var cancelledAt: Moment?
        var details: String?
        /// When it came to have these details.
        var detailsAt: Moment?
        var isTimedOut = false
    }

    private let limit: RateLimit
    private var bucket: TokenBucket
    var outages: [Outage] = []
    private(set) var tasks: [Task]
    private(set) var calls = 0
    private(set) var throttled = 0

    struct Outage: Equatable {
        var begin: Moment
        var end: Moment
        var isSilent: Bool
    }

    init(timeouts: [Duration], limit: RateLimit, now: Moment) {
        self.limit = limit
        bucket = TokenBucket(now: now)
        tasks = timeouts.map { Task(timeout: $0) }
    }

    mutating func cancel(_ task: Int, at now: Moment) {
        tasks[task].cancelledAt = tasks[task].cancelledAt ?? now
    }

    /// A task's timeout runs from its beginning.
    mutating func begin(_ task: Int, at now: Moment) {
        tasks[task].heardAt = tasks[task].heardAt ?? now
    }

    mutating func heartbeat(_ task: Int, details: String?, at now: Moment) -> Answer {
        calls += 1
        if let outage = outages.first(where: { $0.begin <= now && now < $0.end }) {
            return outage.isSilent ? .nothing : .failed
        }
        guard bucket.take(limit, now: now).isAllowed else {
            throttled += 1
            return .throttled
        }
        if let heardAt = tasks[task].heardAt, now - heardAt > tasks[task].timeout { tasks[task].isTimedOut = true }
        if tasks[task].isTimedOut { return .unknown }
        tasks[task].heardAt = now
        if let details, details != tasks[task].details {
            tasks[task].details = details
            tasks[task].detailsAt = now
        }
        return .recorded(cancelRequested: tasks[task].cancelledAt != nil)
    }
}
