import Synchronization
import Telemetry

/// Spans that wait until they are sent. Where there are too many, new ones are dropped: nobody waits for them.
final class SpanQueue: Sendable {
    /// As many as OpenTelemetry's own SDKs have (OTEL_BSP_MAX_QUEUE_SIZE).
    static let spansMax = 2048

    let registry: Registry
    let exported: Counter
    let failed: Counter
    private let dropped: Counter
    private let spans = Mutex<[Span]>([])

    init() {
        var registry = Registry()
        let help = "Spans that were not sent, by why."
        dropped = registry.counter("heartbeat_spans_dropped_total", help: help, labels: ["reason": "queue_full"])
        failed = registry.counter("heartbeat_spans_dropped_total", help: help, labels: ["reason": "export_failed"])
        exported = registry.counter("heartbeat_spans_exported_total", help: "Spans that the collector has taken.")
        self.registry = registry
    }

    /// - Parameter new: those of one request.
    /// - Returns: whether enough wait now to be sent; told once.
    func add(_ new: [Span], batch: Int) -> Bool {
        let (isAdded, isDue) = spans.withLock { spans in
            guard spans.count + new.count <= Self.spansMax else { return (false, false) }
            let wasDue = spans.count >= batch
            spans += new
            return (true, !wasDue && spans.count >= batch)
        }
        if !isAdded { dropped.add(new.count) }
        return isDue
    }

    func take(atMost count: Int) -> [Span] {
        spans.withLock { spans in
            let taken = Array(spans.prefix(count))
            spans.removeFirst(taken.count)
            return taken
        }
    }
}
