internal import Synchronization

extension EventLoop {
    /// Runs `body` on a loop made for it and waits for its end: for commands that do one thing, and for tests.
    /// - Throws: what `body` throws, or a `SystemError` where there can be no loop.
    public static func run<Value: Sendable>(
        _ body: @escaping @Sendable (EventLoop) async throws -> Value
    ) throws -> Value {
        let loop = try EventLoop(name: "loop")
        let result = Mutex<Result<Value, any Error>?>(nil)
        loop.start {
            let outcome: Result<Value, any Error>
            do {
                outcome = .success(try await body(loop))
            } catch {
                outcome = .failure(error)
            }
            result.withLock { $0 = outcome }
        }
        loop.join()
        guard let outcome = result.withLock({ $0 }) else { preconditionFailure("the loop ended before its body") }
        return try outcome.get()
    }
}
