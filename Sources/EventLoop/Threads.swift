internal import CLinux

/// A thread of this process, to be joined once.
package struct Thread: Sendable {
    fileprivate let handle: pthread_t

    /// Starts a thread that runs `body`.
    /// - Parameter name: at most 15 bytes are kept (PR_SET_NAME in prctl(2)).
    package init(named name: String, _ body: @escaping @Sendable () -> Void) {
        let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, body: body))
        var handle = pthread_t()
        let result = unsafe pthread_create(
            &handle, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                _ = unsafe clinux_set_thread_name(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        precondition(result == 0, "pthread_create: the system allows no more threads")
        self.handle = handle
    }

    /// Waits until the thread has ended.
    package func join() {
        _ = pthread_join(handle, nil)
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

/// Runs a call that may block on a thread made for it, and comes back to the caller's executor with its result.
///
/// For what happens seldom (a database connection, a file at start): a thread costs some 30 µs.
package func runBlocking<Value: Sendable>(
    named name: String, _ body: @escaping @Sendable () -> Value
) async -> Value {
    await Suspension.wait { suspension in
        let thread = Thread(named: name) { suspension.resume(returning: body()) }
        _ = pthread_detach(thread.handle)
    }
}
