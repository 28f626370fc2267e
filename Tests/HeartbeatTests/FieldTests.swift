import HTTP
import Testing

@testable import Heartbeat

private struct NegotiationRow: NamedRow {
    let fields: Fields
    let code: ErrorCode?
    let name: String

    init(_ lines: KeyValuePairs<String, String>, _ code: ErrorCode?) {
        fields = Fields(lines)
        self.code = code
        name = lines.map { "\($0): \($1)" }.joined(separator: "; ")
    }

    static let all: [NegotiationRow] = [
        NegotiationRow([:], nil),
        NegotiationRow(["Content-Type": "application/json"], nil),
        NegotiationRow(["content-type": "APPLICATION/Json ;charset=utf-8"], nil),
        NegotiationRow(["Content-Type": "application/json;profile=\"a;b,c\""], nil),
        NegotiationRow(["Content-Type": "application/json", "Content-Type": "application/json"], nil),
        NegotiationRow(["Content-Type": "text/plain"], .unsupportedMediaType),
        NegotiationRow(["Content-Type": ""], .unsupportedMediaType),
        NegotiationRow(["Content-Type": "application/jsonp"], .unsupportedMediaType),
        NegotiationRow(["Content-Type": "application/problem+json"], .unsupportedMediaType),
        NegotiationRow(["Content-Type": "application/json, text/plain"], .unsupportedMediaType),
        NegotiationRow(["Content-Type": "application/json", "Content-Type": "text/plain"], .unsupportedMediaType),
        NegotiationRow(["Content-Type": "application/x-www-form-urlencoded"], .unsupportedMediaType),
        NegotiationRow(["Content-Encoding": "identity"], nil),
        NegotiationRow(["Content-Encoding": "Identity, identity"], nil),
        NegotiationRow(["Content-Encoding": ""], nil),
        NegotiationRow(["Content-Encoding": "gzip"], .unsupportedMediaType),
        NegotiationRow(["Content-Encoding": "identity, gzip"], .unsupportedMediaType),
        NegotiationRow(["Content-Encoding": "identity", "Content-Encoding": "br"], .unsupportedMediaType),
        NegotiationRow(["Accept": "*/*"], nil),
        NegotiationRow(["Accept": ""], nil),
        NegotiationRow(["Accept": "application/json"], nil),
        NegotiationRow(["Accept": "Application/*"], nil),
        NegotiationRow(["Accept": "text/html, application/json;q=0.1"], nil),
        NegotiationRow(["Accept": "text/html", "Accept": "application/json"], nil),
        NegotiationRow(["Accept": "application/json; charset=utf-8; q=1"], nil),
        NegotiationRow(["Accept": "text/plain;x=\"a,application/json\", */*;q=0.001"], nil),
        NegotiationRow(["Accept": "*/*;q=0, application/json"], nil),
        NegotiationRow(["Accept": "application/*;q=0, application/json;q=0.5"], nil),
        NegotiationRow(["Accept": ",,application/json,"], nil),
        NegotiationRow(["Accept": "text/html"], .notAcceptable),
        NegotiationRow(["Accept": "application/problem+json"], .notAcceptable),
        NegotiationRow(["Accept": "application/jsonlines"], .notAcceptable),
        NegotiationRow(["Accept": "application/json;q=0"], .notAcceptable),
        NegotiationRow(["Accept": "application/json ; Q=0.000"], .notAcceptable),
        NegotiationRow(["Accept": "application/json;q=0, */*"], .notAcceptable),
        NegotiationRow(["Accept": "application/*;q=0, */*"], .notAcceptable),
        NegotiationRow(["Accept": "*/*;q=0"], .notAcceptable),
        NegotiationRow(["Accept": "text/plain;x=\"a,application/json\""], .notAcceptable),
        NegotiationRow(["Accept": "text/plain;x=\"a\\\",application/json,\""], .notAcceptable),
    ]
}

private struct WaitRow: NamedRow {
    let fields: Fields
    let seconds: Int
    let name: String

    init(_ lines: KeyValuePairs<String, String>, _ seconds: Int) {
        fields = Fields(lines)
        self.seconds = seconds
        name = lines.map { "\($0): \($1)" }.joined(separator: "; ")
    }

    static let all: [WaitRow] = [
        WaitRow([:], 6),
        WaitRow(["Prefer": "wait=1"], 1),
        WaitRow(["Prefer": "wait=60"], 60),
        WaitRow(["prefer": "WAIT = 10"], 10),
        WaitRow(["Prefer": "wait=010"], 10),
        WaitRow(["Prefer": "respond-async, wait=10"], 10),
        WaitRow(["Prefer": "respond-async", "Prefer": "wait=10"], 10),
        WaitRow(["Prefer": "wait=10;x=y, wait=20"], 10),
        WaitRow(["Prefer": "x=\"a,wait=9\", wait=10"], 10),
        WaitRow(["Prefer": "wait=0"], 1),
        WaitRow(["Prefer": "wait=61"], 60),
        WaitRow(["Prefer": "wait=99999999999999999999"], 60),
        WaitRow(["Prefer": ""], 6),
        WaitRow(["Prefer": "wait"], 6),
        WaitRow(["Prefer": "wait="], 6),
        WaitRow(["Prefer": "wait=-1"], 6),
        WaitRow(["Prefer": "wait=+10"], 6),
        WaitRow(["Prefer": "wait=1.5"], 6),
        WaitRow(["Prefer": "wait=1=2"], 6),
        WaitRow(["Prefer": "wait=ten, wait=10"], 6),
        WaitRow(["Prefer": "waiting=10"], 6),
    ]
}

private struct TraceRow: NamedRow {
    let name: String
    let isKept: Bool

    init(_ value: String, _ isKept: Bool) {
        name = value
        self.isKept = isKept
    }

    static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"

    static let all: [TraceRow] = [
        TraceRow("00-\(traceID)-00f067aa0ba902b7-01", true),
        TraceRow("00-\(traceID)-00f067aa0ba902b7-00", true),
        TraceRow("00-\(traceID)-00f067aa0ba902b7-ff", true),
        TraceRow("01-\(traceID)-00f067aa0ba902b7-01", true),
        TraceRow("cc-\(traceID)-00f067aa0ba902b7-01-what-comes-later", true),
        TraceRow("00-\(traceID)-00f067aa0ba902b7-01-more", false),
        TraceRow("00-\(traceID)-00f067aa0ba902b7-01-", false),
        TraceRow("01-\(traceID)-00f067aa0ba902b7-01.more", false),
        TraceRow("ff-\(traceID)-00f067aa0ba902b7-01", false),
        TraceRow("00-\(traceID)-0000000000000000-01", false),
        TraceRow("00-\(String(repeating: "0", count: 32))-00f067aa0ba902b7-01", false),
        TraceRow("00-\(traceID.uppercased())-00f067aa0ba902b7-01", false),
        TraceRow("00-\(traceID)-00F067AA0BA902B7-01", false),
        TraceRow("00-\(traceID)-00f067aa0ba902b7-0", false),
        TraceRow("00-\(traceID)-00f067aa0ba902b7-0x", false),
        TraceRow("0x-\(traceID)-00f067aa0ba902b7-01", false),
        TraceRow("00-\(traceID.dropLast())g-00f067aa0ba902b7-01", false),
        TraceRow("00_\(traceID)_00f067aa0ba902b7_01", false),
        TraceRow("", false),
        TraceRow("00", false),
    ]
}

@Suite struct FieldTests {
    @Test(arguments: NegotiationRow.all)
    private func `only JSON comes in, and only who takes JSON gets an answer`(row: NegotiationRow) {
        var code: ErrorCode?
        do {
            try ContentNegotiation.check(row.fields)
        } catch {
            code = error.code
        }
        #expect(code == row.code)
    }

    @Test(arguments: WaitRow.all)
    private func `the caller's wait is brought into its range`(row: WaitRow) {
        #expect(WaitPreference.seconds(row.fields) == row.seconds)
    }

    @Test(arguments: TraceRow.all)
    private func `a valid traceparent's trace goes on, else a new one begins`(row: TraceRow) {
        let traceID = TraceContext(Fields(["traceparent": row.name]), random: { 0 }).traceID
        #expect(traceID == (row.isKept ? TraceRow.traceID : "00000000000000010000000000000000"))
    }

    @Test func `two traceparents are none`() {
        let parent = "00-\(TraceRow.traceID)-00f067aa0ba902b7-01"
        let fields = Fields(["traceparent": parent, "traceparent": parent])
        #expect(TraceContext(fields, random: { .max }) == TraceContext(traceID: String(repeating: "f", count: 32)))
    }

    @Test(arguments: [("00", false), ("01", true), ("fe", false), ("ff", true), ("03", true)])
    func `the caller's span, and whether it is kept`(flags: String, isSampled: Bool) {
        let fields = Fields(["traceparent": "00-\(TraceRow.traceID)-00f067aa0ba902b7-\(flags)"])
        #expect(
            TraceContext(fields, random: { 0 })
                == TraceContext(
                    traceID: TraceRow.traceID, parent: .init(spanID: "00f067aa0ba902b7", isSampled: isSampled)))
    }

    @Test(
        arguments: [
            (["a=1", "b=2"], "a=1,b=2"), ([""], nil),
            ([String(repeating: "x", count: 512)], String(repeating: "x", count: 512)),
            ([String(repeating: "x", count: 513)], nil),
        ] as [([String], String?)])
    func `tracestate goes along up to its limit`(values: [String], state: String?) {
        var fields = Fields(["traceparent": "00-\(TraceRow.traceID)-00f067aa0ba902b7-01"])
        for value in values { fields.append(name: "TraceState".utf8, value: value.utf8) }
        #expect(TraceContext(fields, random: { 0 }).parent?.state == state)
    }

    @Test func `a tracestate without a valid traceparent is nothing`() {
        #expect(TraceContext(Fields(["tracestate": "a=1"]), random: { 0 }).parent == nil)
    }

    @Test(arguments: [
        ("a", true), ("AZaz09._-", true), (String(repeating: "x", count: 128), true), ("", false),
        (String(repeating: "x", count: 129), false), ("a b", false), ("a\"b", false), ("a/b", false), ("é", false),
        ("a\u{0}", false), ("a:b", false), ("a+b", false),
    ])
    func `a harmless request id is kept, any other replaced`(id: String, isKept: Bool) {
        let new = UUIDv7(milliseconds: 0, random: (0, 0))
        #expect(
            RequestIdentity.requestID(Fields(["x-request-id": id]), new: { new }) == (isKept ? id : new.description))
    }

    @Test func `no request id, or two, make a new one`() {
        let new = UUIDv7(milliseconds: 0, random: (0, 0))
        for fields in [Fields([:]), Fields(["X-Request-Id": "a", "X-Request-Id": "a"])] {
            #expect(RequestIdentity.requestID(fields, new: { new }) == new.description)
        }
    }
}

@Suite struct UUIDv7Tests {
    @Test func `the generator gives the sequence that is published for its seed`() {
        var generator = SplitMix64(seed: 1_234_567)
        let numbers = (0..<3).map { _ in generator.next() }
        #expect(numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
    }

    @Test func `it is the RFC's example`() {
        // RFC 9562 appendix A.6.
        let id = UUIDv7(milliseconds: 0x017F_22E2_79B0, random: (0xCC3, 0x18C4_DC0C_0C07_398F))
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        let bytes: [UInt8] = [
            0x01, 0x7F, 0x22, 0xE2, 0x79, 0xB0, 0x7C, 0xC3, 0x98, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F,
        ]
        #expect(id.bytes == bytes)
    }

    @Test func `version and variant survive any input`() {
        let id = UUIDv7(milliseconds: .max, random: (.max, .max))
        #expect(id.description == "ffffffff-ffff-7fff-bfff-ffffffffffff")
        #expect(UUIDv7(milliseconds: 0, random: (0, 0)).description == "00000000-0000-7000-8000-000000000000")
    }
}
