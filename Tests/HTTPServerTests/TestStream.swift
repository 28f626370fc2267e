import EventLoop
import HTTP

/// A body that a test sends bit by bit.
actor TestStream: BodyStream {
    private static let endlessBytes = [UInt8](repeating: 0x61, count: 1 << 20)

    private nonisolated let loop: EventLoop
    private let isEndless: Bool
    private let ended: @Sendable () -> Void
    private var pending: [[UInt8]] = []
    private var isOver = false
    private var hasEnded = false
    private let changed: Wakeup

    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// - Parameter ended: is told once that nobody takes any more.
    init(on loop: EventLoop, isEndless: Bool, ended: @escaping @Sendable () -> Void) {
        self.loop = loop
        self.isEndless = isEndless
        self.ended = ended
        changed = Wakeup(on: loop)
    }

    func next() async -> [UInt8]? {
        while !hasEnded {
            if isEndless { return Self.endlessBytes }
            if !pending.isEmpty { return pending.removeFirst() }
            if isOver { return nil }
            await changed.wait()
        }
        return nil
    }

    nonisolated func end() {
        assumeIsolated { $0.endOnce() }
    }

    func add(_ bytes: [UInt8]) {
        pending.append(bytes)
        changed.signal()
    }

    nonisolated func finish() {
        assumeIsolated {
            $0.isOver = true
            $0.changed.signal()
        }
    }

    private func endOnce() {
        if !hasEnded { ended() }
        hasEnded = true
        changed.signal()
    }
}
