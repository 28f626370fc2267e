import EventLoop
import Synchronization
import TestSupport

/// Runs `body` on several loops at once, each given its number, and waits for the end of all; blocking.
func onLoops(_ count: Int, _ body: @escaping @Sendable (_ loop: Int) async throws -> Void) throws {
    let errors = Mutex<[any Error]>([])
    let loops = try (0..<count).map { try EventLoop(name: "loop-\($0)") }
    for (index, loop) in loops.enumerated() {
        loop.start {
            do {
                try await body(index)
            } catch {
                errors.withLock { $0.append(error) }
            }
        }
    }
    for loop in loops { loop.join() }
    if let error = errors.withLock({ $0.first }) { throw error }
}

/// A value that several loops change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    @discardableResult
    func change(_ body: (inout Value) -> Void) -> Value {
        mutex.withLock {
            body(&$0)
            return $0
        }
    }
}
