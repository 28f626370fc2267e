internal import JSON

/// The OpenTelemetry Protocol over HTTP, in its JSON form: an ExportTraceServiceRequest by proto3's JSON mapping, but
/// with ids in hexadecimal and enumerations as numbers.
/// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
package enum OTLP {
    package static let tracesPath = "/v1/traces"

    /// - Parameters:
    ///   - resource: what all of the spans are of: `service.name` and so on.
    ///   - scope: name and version of who made them.
    package static func request(
        _ spans: [Span], resource: [(key: String, value: String)], scope: (name: String, version: String)
    ) -> [UInt8] {
        let resource = attributes(resource.map { ($0.key, .text($0.value)) })
        let scope = "{\"name\":\(JSON.quoted(scope.name)),\"version\":\(JSON.quoted(scope.version))}"
        let text =
            "{\"resourceSpans\":[{\"resource\":{\"attributes\":\(resource)},\"scopeSpans\":[{\"scope\":\(scope),"
            + "\"spans\":[\(spans.map(object).joined(separator: ","))]}]}]}"
        return Array(text.utf8)
    }

    private static func object(_ span: Span) -> String {
        var text = "{\"traceId\":\"\(span.traceID)\",\"spanId\":\"\(span.spanID)\""
        if let parentID = span.parentID { text += ",\"parentSpanId\":\"\(parentID)\"" }
        if let state = span.state { text += ",\"traceState\":\(JSON.quoted(state))" }
        let begin = span.begin * 1000
        let end = begin + Int64(max(0, span.duration / .nanoseconds(1)))
        text += ",\"name\":\(JSON.quoted(span.name)),\"kind\":\(span.kind.rawValue)"
        // 64-bit integers are strings there.
        text += ",\"startTimeUnixNano\":\"\(begin)\",\"endTimeUnixNano\":\"\(end)\""
        text += ",\"attributes\":\(attributes(span.attributes)),\"status\":{\(span.hasFailed ? "\"code\":2" : "")}}"
        return text
    }

    private static func attributes(_ list: [(key: String, value: Span.Value)]) -> String {
        let objects = list.map { key, value in
            let value =
                switch value {
                case .text(let text): "{\"stringValue\":\(JSON.quoted(text))}"
                case .integer(let number): "{\"intValue\":\"\(number)\"}"
                }
            return "{\"key\":\(JSON.quoted(key)),\"value\":\(value)}"
        }
        return "[\(objects.joined(separator: ","))]"
    }
}
