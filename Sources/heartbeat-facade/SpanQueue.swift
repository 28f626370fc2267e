import Synchronization
import Telemetry

/// What waits until its spans are sent. Where there is too much, what is new is dropped: nobody waits for it.
final class SpanQueue: Sendable {
    /// As many as OpenTelemetry's own SDKs have (OTEL_BSP_MAX_QUEUE_SIZE).
    static let spansMax = 2048

    let registry: Registry
    let exported: Counter
    let failed: Counter
    private let dropped: Counter
    private let waiting = Mutex(Waiting())

    private struct Waiting {
        var beats: [TracedBeat] = []
        var spanCount = 0
    }

    init() {
        var registry = Registry()
        let help = "Spans that were not sent, by why."
        dropped = registry.counter("heartbeat_spans_dropped_total", help: help, labels: ["reason": "queue_full"])
        failed = registry.counter("heartbeat_spans_dropped_total", help: help, labels: ["reason": "export_failed"])
        exported = registry.counter("heartbeat_spans_exported_total", help: "Spans that the collector has taken.")
        self.registry = registry
    }

    /// - Parameter batchSpans: how many spans are worth a request of their own.
    /// - Returns: whether so many wait now; told once.
    func add(_ beat: TracedBeat, batchSpans: Int) -> Bool {
        let (isAdded, isDue) = waiting.withLock { waiting in
            let count = waiting.spanCount + beat.spanCount
            guard count <= Self.spansMax else { return (false, false) }
            let isDue = waiting.spanCount < batchSpans && count >= batchSpans
            waiting.beats.append(beat)
            waiting.spanCount = count
            return (true, isDue)
        }
        if !isAdded { dropped.add(beat.spanCount) }
        return isDue
    }

    /// Nobody who adds waits for longer than it takes to swap two arrays.
    func takeAll() -> [TracedBeat] {
        var taken = Waiting()
        taken.beats.reserveCapacity(Self.spansMax / 2)
        waiting.withLock { swap(&$0, &taken) }
        return taken.beats
    }
}
