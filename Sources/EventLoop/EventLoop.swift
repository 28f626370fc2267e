internal import CLinux
internal import Synchronization

/// A thread with an epoll: runs the jobs of the tasks and actors that live on it, watches descriptors, keeps timers.
///
/// It has two faces to Swift's concurrency, with one queue behind them: itself the serial executor of actors on it, and
/// `tasks` the executor that tasks prefer. One object for both could not tell an actor's job from a task's.
/// A loop lives as long as the process: executors are handed around unretained.
public final class EventLoop: SerialExecutor, Sendable {
    /// Events taken by one epoll_wait(2).
    private static let eventsMax = 256

    public let name: String
    package let tasks: LoopTaskExecutor

    private let epoll: Descriptor
    private let alarm: Descriptor
    private let inbox = Mutex(Inbox())
    private let thread = Mutex<Thread?>(nil)
    /// The loop's thread, as pthread_self(3) has it there; 0 before it runs.
    private let threadID = Atomic<UInt>(0)

    /// Touched on the loop's thread only: each way in goes through `preconditionOnLoop` or `isOnLoop`, or is `run`.
    @safe nonisolated(unsafe) private let own = Own()

    private final class Own {
        /// Room for the next queue while the jobs of this one are run.
        var spareQueue: [QueuedJob] = []
        var timers = TimerHeap()
        var watches = WatchTable()
        var queue: [QueuedJob] = []
        var turnEnds: [any TurnEndHandler] = []
        var isStopping = false
    }

    /// What other threads have put in.
    private struct Inbox {
        var jobs: [QueuedJob] = []
        /// Whether the alarm has rung for what is inside.
        var isAnnounced = false
    }

    /// - Parameter name: the thread's, at most 15 bytes of it.
    public init(name: String) throws(SystemError) {
        self.name = name
        self.tasks = LoopTaskExecutor()
        self.epoll = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), from: "epoll_create1")
        self.alarm = try Descriptor(eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)), from: "eventfd")
        tasks.adopt(self)
        let events = Events([.readable, .edgeTriggered]).rawValue
        guard clinux_epoll_ctl(epoll.number, EPOLL_CTL_ADD, alarm.number, events, WatchTable.alarmKey) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }

    /// Starts the thread and runs `body` on it as a task; the loop ends when `body` returns.
    public func start(_ body: @escaping @Sendable () async -> Void) {
        let running = Thread(named: name) {
            self.threadID.store(UInt(pthread_self()), ordering: .releasing)
            Task(executorPreference: self.tasks) {
                await body()
                self.own.isStopping = true
            }
            self.run()
        }
        thread.withLock { $0 = running }
    }

    /// Waits until the loop has ended. To be called once, from another thread.
    public func join() {
        thread.withLock { $0 }?.join()
    }

    /// Starts a task that stays on this loop, from this loop.
    package func spawn(_ operation: @escaping () async -> Void) {
        preconditionOnLoop()
        // The task runs on the thread that it is made on, so nothing that the operation holds changes threads.
        nonisolated(unsafe) let operation = operation
        Task(executorPreference: tasks) { unsafe await operation() }
    }

    // MARK: The thread

    private func run() {
        var events = unsafe [epoll_event](repeating: epoll_event(), count: Self.eventsMax)
        while true {
            collectInbox()
            runQueue()
            fireTimers()
            endTurn()
            if own.isStopping && own.queue.isEmpty { return }
            let count = unsafe epoll_wait(epoll.number, &events, Int32(Self.eventsMax), waitMilliseconds())
            for index in 0..<max(0, Int(count)) {
                unsafe dispatch(Events(rawValue: events[index].events), key: events[index].data.u64)
            }
        }
    }

    /// Runs what is queued now; what these jobs queue in turn waits until the descriptors have had their say.
    private func runQueue() {
        var jobs: [QueuedJob] = []
        swap(&jobs, &own.spareQueue)
        swap(&jobs, &own.queue)
        let (actors, tasks) = unsafe (asUnownedSerialExecutor(), tasks.asUnownedTaskExecutor())
        for job in jobs {
            switch job.face {
            // Told of one face only, the runtime would take each call of an async function on an actor for a change of
            // executor, and let the loop's other jobs in between.
            case .actor: unsafe job.job.runSynchronously(isolatedTo: actors, taskExecutor: tasks)
            case .task: unsafe job.job.runSynchronously(on: tasks)
            }
        }
        jobs.removeAll(keepingCapacity: true)
        swap(&jobs, &own.spareQueue)
    }

    private func fireTimers() {
        guard own.timers.earliest != nil else { return }
        let now = ContinuousClock.now
        while let timer = own.timers.popDue(now: now) {
            timer.fire()
        }
    }

    private func endTurn() {
        guard !own.turnEnds.isEmpty else { return }
        var handlers: [any TurnEndHandler] = []
        swap(&handlers, &own.turnEnds)
        for handler in handlers { handler.turnEnded() }
        handlers.removeAll(keepingCapacity: true)
        if own.turnEnds.isEmpty { swap(&handlers, &own.turnEnds) }
    }

    /// How long epoll may wait: not at all while jobs wait, else until the next timer, rounded up.
    private func waitMilliseconds() -> Int32 {
        if !own.queue.isEmpty { return 0 }
        guard let earliest = own.timers.earliest else { return -1 }
        let (seconds, attoseconds) = ContinuousClock.now.duration(to: earliest).components
        if seconds < 0 || attoseconds < 0 { return 0 }
        return seconds > 3600 ? 3_600_000 : Int32(seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
    }

    private func dispatch(_ events: Events, key: UInt64) {
        if key == WatchTable.alarmKey {
            var count: UInt64 = 0
            _ = unsafe read(alarm.number, &count, MemoryLayout<UInt64>.size)
        } else {
            own.watches.handler(for: key)?.handle(events, of: WatchTable.descriptor(of: key))
        }
    }

    // MARK: Jobs

    func enqueue(_ job: QueuedJob) {
        if isOnLoop {
            own.queue.append(job)
            return
        }
        let mustRing = inbox.withLock { inbox in
            inbox.jobs.append(job)
            defer { inbox.isAnnounced = true }
            return !inbox.isAnnounced
        }
        if mustRing {
            var one: UInt64 = 1
            _ = unsafe write(alarm.number, &one, MemoryLayout<UInt64>.size)
        }
    }

    private func collectInbox() {
        inbox.withLock { inbox in
            own.queue.append(contentsOf: inbox.jobs)
            inbox.jobs.removeAll(keepingCapacity: true)
            inbox.isAnnounced = false
        }
    }

    /// Has `handler` called when what is queued now has run, and before the loop waits.
    package func callAtTurnEnd(_ handler: any TurnEndHandler) {
        preconditionOnLoop()
        own.turnEnds.append(handler)
    }

    // MARK: Timers

    func place(_ timer: LoopTimer, at time: ContinuousClock.Instant) {
        preconditionOnLoop()
        own.timers.place(timer, at: time)
    }

    func remove(_ timer: LoopTimer) {
        preconditionOnLoop()
        own.timers.remove(timer)
    }

    // MARK: Descriptors

    /// Has `handler` called for the events of a descriptor, level-triggered unless they say otherwise, until `unwatch`.
    package func watch(_ descriptor: Int32, for events: Events, handler: any EventHandler) throws(SystemError) {
        preconditionOnLoop()
        let key = own.watches.add(handler, for: descriptor)
        guard clinux_epoll_ctl(epoll.number, EPOLL_CTL_ADD, descriptor, events.rawValue, key) == 0 else {
            let error = SystemError("epoll_ctl")
            own.watches.remove(descriptor)
            throw error
        }
    }

    /// Changes what a watched descriptor is watched for.
    package func rewatch(_ descriptor: Int32, for events: Events) throws(SystemError) {
        preconditionOnLoop()
        let key = own.watches.key(of: descriptor)
        guard clinux_epoll_ctl(epoll.number, EPOLL_CTL_MOD, descriptor, events.rawValue, key) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }

    /// Ends the watch; events of it that are already taken are dropped. To be called before the descriptor is closed.
    package func unwatch(_ descriptor: Int32) {
        preconditionOnLoop()
        own.watches.remove(descriptor)
        // It fails only for a descriptor that its owner has closed already, which ended the watch as well.
        _ = clinux_epoll_ctl(epoll.number, EPOLL_CTL_DEL, descriptor, 0, 0)
    }

    // MARK: Where am I

    package var isOnLoop: Bool {
        threadID.load(ordering: .relaxed) == UInt(pthread_self())
    }

    package func preconditionOnLoop() {
        precondition(isOnLoop, "called off its event loop")
    }
}

/// What sends at the end of a loop's turn what the turn's jobs have for it: then those who receive it are woken once,
/// instead of between any two jobs, which costs more than a job's whole sending does.
package protocol TurnEndHandler: AnyObject {
    /// Called on the loop.
    func turnEnded()
}
