import HTTP
import TestSupport
import Testing

@testable import Heartbeat

/// How a caller says its task's timeout, in the header or in the body.
private struct TimeoutRow: NamedRow {
    let name: String
    let header: [String]
    let body: String
    /// nil: it is refused.
    let seconds: Int??

    init(_ name: String, header: [String] = [], body: String = "", _ seconds: Int??) {
        self.name = name
        self.header = header
        self.body = body
        self.seconds = seconds
    }

    static let all = [
        TimeoutRow("neither", .some(nil)),
        TimeoutRow("header", header: ["60"], 60),
        TimeoutRow("a year", header: ["31536000"], 31_536_000),
        TimeoutRow("more than a year", header: ["31536001"], nil),
        TimeoutRow("zero", header: ["0"], nil),
        TimeoutRow("negative", header: ["-1"], nil),
        TimeoutRow("a fraction", header: ["1.5"], nil),
        TimeoutRow("a unit", header: ["60s"], nil),
        TimeoutRow("empty header", header: [""], nil),
        TimeoutRow("twice", header: ["60", "60"], nil),
        TimeoutRow("a list", header: ["60, 60"], nil),
        TimeoutRow("body", body: #"{"heartbeatTimeout":60}"#, 60),
        TimeoutRow("null in the body", body: #"{"heartbeatTimeout":null}"#, .some(nil)),
        TimeoutRow("a string in the body", body: #"{"heartbeatTimeout":"60"}"#, nil),
        TimeoutRow("a fraction of nothing in the body", body: #"{"heartbeatTimeout":60.00}"#, 60),
        TimeoutRow("a fraction in the body", body: #"{"heartbeatTimeout":60.01}"#, nil),
        TimeoutRow("an exponent in the body", body: #"{"heartbeatTimeout":6e1}"#, nil),
        TimeoutRow("a fraction of nothing in the header", header: ["60.0"], nil),
        TimeoutRow("zero in the body", body: #"{"heartbeatTimeout":0}"#, nil),
        TimeoutRow("an array in the body", body: #"{"heartbeatTimeout":[60]}"#, nil),
        TimeoutRow("both the same", header: ["60"], body: #"{"heartbeatTimeout":60}"#, 60),
        TimeoutRow("both, and they differ", header: ["60"], body: #"{"heartbeatTimeout":61}"#, nil),
    ]
}

struct HeartbeatTimeoutTests {
    @Test(arguments: TimeoutRow.all)
    private func `is whole seconds, or refused`(row: TimeoutRow) async throws {
        let fakes = Fakes()
        var fields: KeyValuePairs<String, String> = [:]
        switch row.header.count {
        case 1: fields = ["Heartbeat-Timeout": row.header[0]]
        case 2: fields = ["Heartbeat-Timeout": row.header[0], "heartbeat-timeout": row.header[1]]
        default: break
        }
        let response = await fakes.respond(fields: fields, body: row.body)
        if let seconds = row.seconds {
            #expect(response.status == 200)
            #expect(fakes.beats.map(\.heartbeatTimeout) == [seconds.map { .seconds($0) }])
        } else {
            #expect(response.status == 400)
            #expect(fakes.beats.isEmpty)
            #expect(String(decoding: response.body, as: UTF8.self).contains("eartbeat"))
        }
    }

    @Test func `an answer from the last known status says so, and its age in whole seconds rounded up`() async {
        let fakes = Fakes()
        fakes.relay = Relay(outcome: .success(true), attempts: 0, age: .milliseconds(2100))
        let response = await fakes.respond(fields: ["Heartbeat-Timeout": "60"])
        #expect(response.status == 200)
        #expect(response.fields.first { $0.name == "Heartbeat-Relayed" }?.value == "false")
        #expect(response.fields.first { $0.name == "Age" }?.value == "3")
        #expect(String(decoding: response.body, as: UTF8.self) == #"{"cancelRequested":true}"#)
        #expect(fakes.rows.map(\.relayed) == [false])
        #expect(fakes.rows.map(\.attempts) == [0])
    }

    @Test func `an answer of SWF's own says nothing of that`() async {
        let response = await Fakes().respond()
        #expect(!response.fields.contains { ["Heartbeat-Relayed", "Age"].contains($0.name) })
    }

    @Test(arguments: [
        (UpstreamFailure.rateUsedUp, 429, "upstream_throttled"), (.overloaded, 503, "overloaded"),
        (.circuitOpen, 503, "upstream_unavailable"),
    ])
    func `a refusal says how long to wait`(failure: UpstreamFailure, status: Int, code: String) async {
        let fakes = Fakes()
        fakes.relay = Relay(outcome: .failure(failure), attempts: 0, retryAfter: .milliseconds(7500))
        let response = await fakes.respond()
        #expect(response.status == status)
        // Chance is 7 of 2^64 here.
        #expect(response.fields.first { $0.name == "Retry-After" }?.value == "8")
        #expect(fakes.rows.map(\.outcome) == [code])
        #expect(fakes.rows.map(\.relayed) == [false])
    }

    @Test func `a wait is never shortened, and a fleet is spread`() {
        var random = SplitMix64(seed: 1)
        let waits = (0..<1000).map { _ in RetryAfter.seconds(.milliseconds(7500), random: random.next()) }
        #expect(Set(waits) == [8, 9, 10])
        #expect(RetryAfter.seconds(.zero, random: 0) == 1)
        let short = (0..<1000).map { _ in RetryAfter.seconds(.seconds(1), random: random.next()) }
        #expect(Set(short) == [1, 2])
    }

    @Test func `the row of a flush is that of the heartbeat it brings, and relayed`() {
        let beat = Beat(
            taskToken: TaskToken(secret: "T"), taskHash: TaskHash(of: "T"), details: "secret", deadline: .now,
            caller: Fakes.caller,
            requestID: "r-1", traceID: "t")
        let row = AuditRow(
            flushOf: beat, Relay(outcome: .success(true), upstreamRequestID: "swf", attempts: 2), receivedAt: 5,
            duration: .seconds(1), keeping: .length)
        #expect(row.requestID == "r-1" && row.traceID == "t" && row.caller == Fakes.caller && row.receivedAt == 5)
        #expect(row.relayed && row.attempts == 2 && row.cancelRequested == true && row.outcome == "recorded")
        #expect(row.details == nil && row.detailsLength == 6)
        let failed = AuditRow(
            flushOf: beat, Relay(outcome: .failure(.fault(type: "UnknownResourceFault", status: 400)), attempts: 1),
            receivedAt: 5, duration: .seconds(1), keeping: .full)
        #expect(failed.outcome == "unknown_task" && failed.status == 404 && failed.fault == "UnknownResourceFault")
        #expect(failed.details == "secret")
    }
}
