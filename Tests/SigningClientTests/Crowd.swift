import EventLoop

/// Tasks of one loop that run beside each other.
final class Crowd<Value> {
    private let loop: EventLoop
    private var results: [Int: Value] = [:]
    private var startedCount = 0
    private var waiter: Suspension<Void>?

    init(on loop: EventLoop) {
        self.loop = loop
    }

    func start(_ count: Int, _ body: @escaping (Int) async -> Value) {
        for _ in 0..<count {
            let number = startedCount
            startedCount += 1
            loop.spawn {
                self.results[number] = await body(number)
                guard self.results.count == self.startedCount else { return }
                self.waiter?.resume(returning: ())
                self.waiter = nil
            }
        }
    }

    /// In the order in which they were started.
    func values() async -> [Value] {
        await Suspension.wait { suspension in
            if results.count < startedCount { waiter = suspension } else { suspension.resume(returning: ()) }
        }
        return results.sorted { $0.key < $1.key }.map(\.value)
    }
}
