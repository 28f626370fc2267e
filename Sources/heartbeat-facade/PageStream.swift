import EventLoop
import HTTP
import OperatorPage

/// The events of one who looks at the operator's page: always the latest, so that a slow reader misses some.
actor PageStream: BodyStream {
    private nonisolated let loop: EventLoop
    private let ended: @Sendable (PageStream) -> Void
    private var pending: PageEvent?
    private var isOver = false
    private let changed: Wakeup

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    /// - Parameter ended: is told once.
    init(on loop: EventLoop, ended: @escaping @Sendable (PageStream) -> Void) {
        self.loop = loop
        self.ended = ended
        changed = Wakeup(on: loop)
    }

    func next() async -> [UInt8]? {
        while !isOver {
            if let event = pending.take() { return event.bytes }
            await changed.wait()
        }
        return nil
    }

    nonisolated func end() {
        assumeIsolated { $0.close() }
    }

    nonisolated func show(_ event: PageEvent) {
        assumeIsolated { stream in
            stream.pending = event
            stream.changed.signal()
        }
    }

    private func close() {
        guard !isOver else { return }
        isOver = true
        changed.signal()
        ended(self)
    }
}
