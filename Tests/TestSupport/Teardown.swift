import Foundation
import Synchronization

/// What must happen before the test process ends, for objects that live until then and have no `deinit`.
enum Teardown {
    private struct State {
        var isRegistered = false
        var nextKey = 0
        var actions: [(key: Int, action: @Sendable () -> Void)] = []
    }

    private static let state = Mutex(State())

    /// The last added runs first.
    ///
    /// - Returns: a key for `remove`.
    static func add(_ action: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            if !state.isRegistered {
                state.isRegistered = true
                atexit { Teardown.run() }
            }
            state.nextKey += 1
            state.actions.append((state.nextKey, action))
            return state.nextKey
        }
    }

    static func remove(_ key: Int) {
        state.withLock { $0.actions.removeAll { $0.key == key } }
    }

    private static func run() {
        while let last = state.withLock({ $0.actions.popLast() }) {
            last.action()
        }
    }
}
