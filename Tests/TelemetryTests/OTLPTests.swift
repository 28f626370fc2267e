import Testing

@testable import Telemetry

struct OTLPTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    @Test func `spans as the protocol has them in JSON`() {
        let server = Span(
            traceID: Self.traceID, spanID: "0102030405060708", parentID: "00f067aa0ba902b7", state: "a=\"1\"",
            name: "POST /tasks/{taskToken}/heartbeat", kind: .server, begin: 1_700_000_000_000_001,
            duration: .nanoseconds(2_500_001),
            attributes: [("http.response.status_code", .integer(200)), ("who", .text("a \"b\""))], hasFailed: false)
        let client = Span(
            traceID: Self.traceID, spanID: "0102030405060709", parentID: nil, name: "SWF", kind: .client, begin: 7,
            duration: .milliseconds(-1), attributes: [], hasFailed: true)
        let text = String(
            decoding: OTLP.request([server, client], resource: [("service.name", "s")], scope: ("n", "1")),
            as: UTF8.self)
        #expect(
            text
                == #"{"resourceSpans":[{"resource":{"attributes":["#
                + #"{"key":"service.name","value":{"stringValue":"s"}}]},"#
                + #""scopeSpans":[{"scope":{"name":"n","version":"1"},"spans":["#
                + #"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0102030405060708","#
                + #""parentSpanId":"00f067aa0ba902b7","traceState":"a=\"1\"","#
                + #""name":"POST /tasks/{taskToken}/heartbeat","kind":2,"#
                + #""startTimeUnixNano":"1700000000000001000","endTimeUnixNano":"1700000000002501001","#
                + #""attributes":[{"key":"http.response.status_code","value":{"intValue":"200"}},"#
                + #"{"key":"who","value":{"stringValue":"a \"b\""}}],"status":{}},"#
                + #"{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","spanId":"0102030405060709","name":"SWF","kind":3,"#
                + #""startTimeUnixNano":"7000","endTimeUnixNano":"7000","attributes":[],"status":{"code":2}}]}]}]}"#)
    }

    @Test(
        arguments: [
            ("always_on", nil, .always), ("always_off", nil, .never), ("traceidratio", "0.25", .ratio(0.25)),
            ("traceidratio", nil, .ratio(1)), ("parentbased_always_on", "x", .parentBased(root: .always)),
            ("parentbased_always_off", nil, .parentBased(root: .never)),
            ("parentbased_traceidratio", "0", .parentBased(root: .ratio(0))), ("traceidratio", "1.1", nil),
            ("traceidratio", "-0.1", nil), ("traceidratio", "nan", nil), ("parentbased_traceidratio", "half", nil),
            ("parentbased_", nil, nil), ("parentbased_parentbased_always_on", nil, nil), ("jaeger_remote", nil, nil),
            ("", nil, nil),
        ] as [(String, String?, TraceSampler?)])
    func `samplers by their names`(name: String, argument: String?, sampler: TraceSampler?) {
        #expect(TraceSampler(name, argument: argument) == sampler)
    }

    @Test(
        arguments: [
            (.always, true, true, true), (.never, false, false, false), (.ratio(0), false, false, false),
            (.ratio(1), true, true, true), (.parentBased(root: .always), true, true, false),
            (.parentBased(root: .never), false, true, false),
        ] as [(TraceSampler, Bool, Bool, Bool)])
    func `which traces are kept`(sampler: TraceSampler, begun: Bool, ofSampled: Bool, ofOther: Bool) {
        for id in [Self.traceID, String(repeating: "f", count: 32), "00000000000000010000000000000000"] {
            #expect(sampler.keeps(id, parentIsSampled: nil) == begun)
            #expect(sampler.keeps(id, parentIsSampled: true) == ofSampled)
            #expect(sampler.keeps(id, parentIsSampled: false) == ofOther)
        }
    }

    @Test(arguments: [
        ("0000000000000000", true), ("3fffffffffffffff", true), ("4000000000000000", false),
        ("ffffffffffffffff", false),
    ])
    func `a ratio goes by the right half of the id`(half: String, isKept: Bool) {
        #expect(TraceSampler.ratio(0.25).keeps("ffffffffffffffff\(half)", parentIsSampled: nil) == isKept)
    }
}
