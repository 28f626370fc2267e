/// A job and the face of the loop that it came in by.
struct QueuedJob {
    enum Face {
        case actor
        case task
    }

    let job: UnownedJob
    let face: Face
}

extension EventLoop {
    public func enqueue(_ job: consuming ExecutorJob) {
        enqueue(QueuedJob(job: UnownedJob(job), face: .actor))
    }

    public func checkIsolated() {
        preconditionOnLoop()
    }

    public func isIsolatingCurrentContext() -> Bool? {
        isOnLoop
    }
}

/// The loop as the executor that a task prefers: whatever of the task is isolated to no actor runs on the loop.
package final class LoopTaskExecutor: TaskExecutor, Sendable {
    /// Set once, before the loop is handed to anybody; loops live as long as the process.
    private nonisolated(unsafe) var loop: EventLoop?

    func adopt(_ loop: EventLoop) {
        unsafe self.loop = loop
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = QueuedJob(job: UnownedJob(job), face: .task)
        unsafe loop?.enqueue(job)
    }
}
