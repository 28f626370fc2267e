import EventLoop
import Heartbeat
import Telemetry

/// Sees to it that heartbeats of one loop become spans. Making and sending them is the exporter's work, on its loop.
final class Tracer {
    private let exporter: SpanExporter
    private let sampler: TraceSampler
    private let loop: EventLoop
    private let random: () -> UInt64

    init(
        _ exporter: SpanExporter, sampler: TraceSampler, on loop: EventLoop, random: @escaping () -> UInt64
    ) {
        self.exporter = exporter
        self.sampler = sampler
        self.loop = loop
        self.random = random
    }

    func keeps(_ trace: TraceContext) -> Bool {
        sampler.keeps(trace.traceID, parentIsSampled: trace.parent?.isSampled)
    }

    /// To be called of the heartbeats whose trace is kept.
    func record(_ row: AuditRow, code: ErrorCode?, duration: Duration, _ course: Course) -> TracedBeat {
        let beat = TracedBeat(row, code: code, duration: duration, course, random: random)
        if exporter.queue.add(beat, batchSpans: SpanExporter.batchSpansMax) {
            loop.spawn { [exporter] in await exporter.wake() }
        }
        return beat
    }
}
