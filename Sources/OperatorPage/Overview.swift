/// All that the page shows.
package struct Overview: Sendable {
    /// What heartbeats depend on.
    package struct Check: Sendable {
        package let name: String
        /// nil: it is good.
        package let fault: String?
        /// Whether heartbeats cannot be served without it now.
        package let isNeeded: Bool

        package init(name: String, fault: String?, isNeeded: Bool) {
            self.name = name
            self.fault = fault
            self.isNeeded = isNeeded
        }
    }

    /// What may go to SWF.
    package struct Budget: Sendable {
        package enum Circuit: Sendable {
            case closed
            case halfOpen
            case open
        }

        /// Calls a second; nil: not limited.
        package let rate: Double?
        /// Of the calls that could be sent at once: 0 to 1.
        package let left: Double
        /// Calls that wait.
        package let queued: Int
        package let circuit: Circuit
        /// Of which something is known.
        package let tasks: Int

        package init(rate: Double?, left: Double, queued: Int, circuit: Circuit, tasks: Int) {
            self.rate = rate
            self.left = left
            self.queued = queued
            self.circuit = circuit
            self.tasks = tasks
        }
    }

    package struct Spool: Sendable {
        package let rows: Int
        package let bytes: Int
        package let bytesMax: Int
        package let corruptFiles: Int

        package init(rows: Int, bytes: Int, bytesMax: Int, corruptFiles: Int) {
            self.rows = rows
            self.bytes = bytes
            self.bytesMax = bytesMax
            self.corruptFiles = corruptFiles
        }
    }

    /// A task that was silent for longer than its timeout.
    package struct SilentTask: Sendable {
        /// The beginning of the token's SHA-256, in hexadecimal.
        package let tokenHash: String
        package let caller: String
        package let silentFor: Duration
        package let timeout: Duration

        package init(tokenHash: String, caller: String, silentFor: Duration, timeout: Duration) {
            self.tokenHash = tokenHash
            self.caller = caller
            self.silentFor = silentFor
            self.timeout = timeout
        }
    }

    package static let failuresMax = 20
    package static let callersMax = 10
    package static let silentTasksMax = 10

    package var instance: String
    package var version: String
    /// Microseconds since 1970-01-01T00:00:00Z.
    package var now: Int64
    package var runningFor: Duration
    package var loops: Int
    package var isReady: Bool
    package var isDraining: Bool
    package var checks: [Check]
    package var totals: Totals
    /// nil: it is too early to tell.
    package var recent: Window.Change?
    /// Heartbeats a second, the oldest first.
    package var history: [Double]
    package var connections: Int
    /// Of these, those that have a request under way.
    package var busyConnections: Int
    package var budget: Budget
    /// Audit rows that wait to be durable.
    package var pendingRows: Int
    /// nil: there is none.
    package var spool: Spool?
    /// The last ones to become so first, at most `silentTasksMax`.
    package var silentTasks: [SilentTask]
    /// How many are known.
    package var silentCount: Int
    /// In no order.
    package var failures: [Failure]

    package init(
        instance: String, version: String, now: Int64, runningFor: Duration, loops: Int, isReady: Bool,
        isDraining: Bool, checks: [Check], totals: Totals, recent: Window.Change?, history: [Double],
        connections: Int, busyConnections: Int, budget: Budget, pendingRows: Int, spool: Spool?,
        silentTasks: [SilentTask], silentCount: Int, failures: [Failure]
    ) {
        self.instance = instance
        self.version = version
        self.now = now
        self.runningFor = runningFor
        self.loops = loops
        self.isReady = isReady
        self.isDraining = isDraining
        self.checks = checks
        self.totals = totals
        self.recent = recent
        self.history = history
        self.connections = connections
        self.busyConnections = busyConnections
        self.budget = budget
        self.pendingRows = pendingRows
        self.spool = spool
        self.silentTasks = silentTasks
        self.silentCount = silentCount
        self.failures = failures
    }
}
