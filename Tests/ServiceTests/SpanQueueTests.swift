import Heartbeat
import Telemetry
import Testing

@testable import heartbeat_facade

struct SpanQueueTests {
    /// - Parameter attempts: of the call to SWF.
    private static func beat(_ number: Int, attempts: Int = 1) -> TracedBeat {
        var course = Course(trace: TraceContext(traceID: "t"), route: "/tasks/heartbeat")
        course.relayBegin = .zero
        course.relay = .zero
        let row = AuditRow(
            receivedAt: 0, requestID: "\(number)", details: "secret",
            outcome: "recorded",
            status: 200, attempts: attempts)
        return TracedBeat(row, code: nil, duration: .zero, course, random: { 6 })
    }

    @Test func `what is too much is dropped and counted, and a batch is told once`() {
        let queue = SpanQueue()
        let told = (0..<SpanQueue.spansMax / 2 + 3).map { queue.add(Self.beat($0), batchSpans: 10) }
        #expect(told.enumerated().filter(\.element).map(\.offset) == [4])
        let text = String(decoding: Exposition.render([queue.registry]), as: UTF8.self)
        #expect(text.contains(#"heartbeat_spans_dropped_total{reason="queue_full"} 6"#))
        let taken = queue.takeAll()
        #expect(taken.map(\.row.requestID) == (0..<SpanQueue.spansMax / 2).map { "\($0)" })
        #expect(queue.takeAll().isEmpty)
        #expect(queue.add(Self.beat(0), batchSpans: 2))
    }

    @Test(arguments: [(0, 1), (1, 2), (3, 2)])
    func `a call is a span, whatever it took`(attempts: Int, count: Int) {
        let beat = Self.beat(1, attempts: attempts)
        let spans = beat.spans(upstream: "swf")
        #expect(beat.spanCount == count)
        #expect(spans.count == count)
        #expect(spans[0].spanID == "0000000000000007")
        #expect(spans.dropFirst().allSatisfy { $0.parentID == beat.spanID })
        let resends = spans.last?.attributes.first { $0.key == "http.request.resend_count" }?.value
        #expect(resends == (attempts > 1 ? .integer(attempts - 1) : nil))
    }

    @Test func `what waits has not the details`() {
        let beat = Self.beat(1)
        #expect(beat.row.details == nil)
    }

    @Test(
        arguments: [
            ("a=1", [["a", "1"]]), (" a = 1 , b=x%20y%2C%3D, c=", [["a", "1"], ["b", "x y,="], ["c", ""]]),
            ("Authorization=Basic dTpw==,", [["Authorization", "Basic dTpw=="]]), ("", []), ("a", nil), ("=1", nil),
            ("a=%4", nil), ("a=%zz", nil), ("a=%ff", nil),
        ] as [(String, [[String]]?)])
    func `pairs as OpenTelemetry's variables have them`(text: String, pairs: [[String]]?) {
        #expect(TracingSettings.pairs(text)?.map { [$0.key, $0.value] } == pairs)
    }
}
