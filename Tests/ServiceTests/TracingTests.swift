import Foundation
import Synchronization
import TestSupport
import Testing

/// Spans, as a collector gets them.
@Suite(.timeLimit(.minutes(10)))
struct TracingTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parentID = "00f067aa0ba902b7"

    /// Takes requests by OpenTelemetry's own definition of the protocol, which knows all names and types, and says what
    /// there is of spans, a line each. It reads ids as base64, so that they are looked at apart from it.
    private static let reader = """
        import json, re, sys
        from google.protobuf import json_format
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
        for line in sys.stdin:
            request = json_format.Parse(line, ExportTraceServiceRequest())
            raw = json.loads(line)
            for resource, rawResource in zip(request.resource_spans, raw["resourceSpans"]):
                of = {a.key: a.value.string_value for a in resource.resource.attributes}
                for scope, rawScope in zip(resource.scope_spans, rawResource["scopeSpans"]):
                    assert scope.scope.name == "heartbeat-facade" and scope.scope.version
                    for span, ids in zip(scope.spans, rawScope["spans"]):
                        assert re.fullmatch("[0-9a-f]{32}", ids["traceId"])
                        assert re.fullmatch("[0-9a-f]{16}", ids["spanId"])
                        assert re.fullmatch("[0-9a-f]{16}", ids.get("parentSpanId", "0" * 16))
                        assert 1.7e18 < span.start_time_unix_nano <= span.end_time_unix_nano
                        print(json.dumps({
                            "trace": ids["traceId"], "id": ids["spanId"], "parent": ids.get("parentSpanId", ""),
                            "state": span.trace_state, "name": span.name, "kind": str(span.kind),
                            "failed": str(span.status.code == 2), "begin": str(span.start_time_unix_nano),
                            "end": str(span.end_time_unix_nano),
                            **{"resource." + key: value for key, value in of.items()},
                            **{a.key: str(getattr(a.value, a.value.WhichOneof("value"))) for a in span.attributes}}))
        """

    private static func spans(_ collector: StubServer) throws -> [[String: String]] {
        let directory = try TemporaryDirectory("spans")
        let bodies = collector.requests.map { String(decoding: $0.body, as: UTF8.self) + "\n" }
        try directory.write(bodies.joined(), to: "requests")
        let output = try ChildProcess.run(
            "bash", ["-c", #"exec "$0" -c "$1" <"$2""#, Python.interpreter(), reader, directory.file("requests")],
            environment: ["PATH": Locations.path, "PYTHONUTF8": "1"])
        guard output.exit == .exited(0) else { throw SupportError(output.standardError) }
        return try output.standardOutput.split(separator: "\n").map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
        }
    }

    private static let accepting = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    private static func headers(_ flags: String) -> [(name: String, value: String)] {
        Service.headers + [("traceparent", "00-\(traceID)-\(parentID)-\(flags)"), ("tracestate", "vendor=1")]
    }

    @Test func `a heartbeat and its call are spans of the caller's trace`() throws {
        let collector = try StubServer { _ in [.send(Self.accepting)] }
        let service = try Service([
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url + "/", "OTEL_SERVICE_NAME": "beats",
            "HEARTBEAT_LOG_LEVEL": "debug", "OTEL_EXPORTER_OTLP_HEADERS": "x-tenant=a%20b",
            "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        ])
        let answer = try service.heartbeat(base64("ok"), headers: Self.headers("01"))
        _ = try service.heartbeat(base64("unknown"), headers: Self.headers("01"))
        _ = try service.heartbeat(base64("ok"), headers: [("traceparent", "00-\(Self.traceID)-\(Self.parentID)-01")])
        // Nobody keeps this one.
        _ = try service.heartbeat(base64("ok"), headers: Self.headers("00"))
        // What waits is sent before the end.
        #expect(try service.process.terminate() == .exited(0))

        let request = try #require(collector.requests.first)
        #expect(request.line == "POST /v1/traces HTTP/1.1")
        #expect(request.values(of: "Content-Type") == ["application/json"])
        #expect(request.values(of: "X-Tenant") == ["a b"])
        let spans = try Self.spans(collector)
        #expect(spans.count == 5)
        for span in spans {
            #expect(span["trace"] == Self.traceID)
            #expect(span["resource.service.name"] == "beats")
            #expect(span["resource.deployment.environment.name"] == "test")
            #expect(span["resource.service.version"] != nil)
            #expect(span["resource.service.instance.id"] != nil)
        }
        #expect(Set(spans.map { $0["id"] }).count == 5)
        let servers = spans.filter { $0["kind"] == "2" }
        #expect(servers.allSatisfy { $0["parent"] == Self.parentID && $0["failed"] == "False" })
        let server = try #require(servers.first { $0["heartbeat.request_id"] == answer["X-Request-Id"] })
        #expect(server["name"] == "POST /tasks/{taskToken}/heartbeat")
        #expect(server["state"] == "vendor=1")
        #expect(server["http.response.status_code"] == "200")
        #expect(server["heartbeat.caller"] == "demo")
        #expect(service.process.log.contains("\"span_id\":\"\(server["id"] ?? "none")\""))
        let client = try #require(spans.first { $0["parent"] == server["id"] })
        #expect(client["kind"] == "3")
        #expect(client["rpc.method"] == "RecordActivityTaskHeartbeat")
        #expect(client["server.address"] == "127.0.0.1")
        #expect(client["aws.request_id"] == answer["X-Amzn-RequestId"])
        func time(_ span: [String: String], _ name: String) -> Int { Int(span[name] ?? "") ?? 0 }
        #expect(time(client, "begin") >= time(server, "begin"))
        #expect(time(client, "end") <= time(server, "end"))
        let unknown = try #require(servers.first { $0["http.response.status_code"] == "404" })
        #expect(unknown["error.type"] == "unknown_task")
        let failed = try #require(spans.first { $0["parent"] == unknown["id"] })
        #expect(failed["failed"] == "True")
        #expect(failed["error.type"] == "UnknownResourceFault")
        let refused = try #require(servers.first { $0["http.response.status_code"] == "401" })
        #expect(!spans.contains { $0["parent"] == refused["id"] })
    }

    @Test func `what a collector cannot take is sent again, what it refuses is dropped and counted`() throws {
        let answers = Mutex(["503 Service Unavailable", "200 OK", "400 Bad Request"])
        let collector = try StubServer { _ in
            let status = answers.withLock { $0.removeFirst() }
            return [.send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")]
        }
        let service = try Service(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector.url + "/own"])
        func wait(for line: String) throws {
            try service.process.wait(for: line, within: .seconds(60)) {
                try service.process.operations("/metrics").text.contains("\n\(line)\n")
            }
        }
        #expect(try service.heartbeat(base64("ok")).status == 200)
        try wait(for: "heartbeat_spans_exported_total 2")
        #expect(collector.requests.map(\.line) == ["POST /own HTTP/1.1", "POST /own HTTP/1.1"])
        #expect(collector.requests[0].body == collector.requests[1].body)
        #expect(try service.heartbeat(base64("ok")).status == 200)
        try wait(for: #"heartbeat_spans_dropped_total{reason="export_failed"} 2"#)
        #expect(service.process.log.contains("the collector answers 400"))
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `a collector that does not answer holds up neither heartbeats nor the end`() throws {
        let collector = try StubServer { _ in [.waitForClose] }
        let service = try Service(["OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "HEARTBEAT_EVENT_LOOPS": "1"])
        let client = try service.process.client()
        // More than the queue and the batch that is under way can hold.
        for _ in 0..<700 {
            let answer = try client.post("/tasks/\(base64("ok"))/heartbeat", headers: Service.headers)
            #expect(answer.status == 200)
        }
        let other = try service.process.client()
        for _ in 0..<700 {
            #expect(try other.post("/tasks/\(base64("ok"))/heartbeat", headers: Service.headers).status == 200)
        }
        let metrics = try service.process.operations("/metrics").text
        let dropped = try #require(metrics.firstMatch(of: /heartbeat_spans_dropped_total\{reason="queue_full"\} (\d+)/))
        #expect(try #require(Int(dropped.1)) > 0)
        try collector.waitForRequests(1)
        #expect(try service.process.terminate() == .exited(0))
    }

    @Test func `without a collector there are no such metrics`() throws {
        let service = try Service()
        #expect(try !service.process.operations("/metrics").text.contains("heartbeat_spans"))
    }
}
