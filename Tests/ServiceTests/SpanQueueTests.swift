import Telemetry
import Testing

@testable import heartbeat_facade

struct SpanQueueTests {
    private static func spans(_ count: Int) -> [Span] {
        (0..<count).map { number in
            Span(
                traceID: "", spanID: "\(number)", parentID: nil, name: "", kind: .server, begin: 0, duration: .zero,
                attributes: [], hasFailed: false)
        }
    }

    @Test func `what is too much is dropped and counted, and a batch is told once`() {
        let queue = SpanQueue()
        #expect(!queue.add(Self.spans(9), batch: 10))
        #expect(queue.add(Self.spans(2), batch: 10))
        #expect(!queue.add(Self.spans(2), batch: 10))
        #expect(!queue.add(Self.spans(SpanQueue.spansMax - 13), batch: 10))
        #expect(!queue.add(Self.spans(2), batch: 10))
        let text = String(decoding: Exposition.render([queue.registry]), as: UTF8.self)
        #expect(text.contains(#"heartbeat_spans_dropped_total{reason="queue_full"} 2"#))
        #expect(queue.take(atMost: 9).map(\.spanID) == (0..<9).map { "\($0)" })
        #expect(queue.take(atMost: SpanQueue.spansMax).count == SpanQueue.spansMax - 9)
        #expect(queue.take(atMost: 1).isEmpty)
        #expect(queue.add(Self.spans(10), batch: 10))
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
