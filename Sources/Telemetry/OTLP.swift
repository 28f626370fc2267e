internal import JSON

/// The OpenTelemetry Protocol over HTTP, in its JSON form: an ExportTraceServiceRequest by proto3's JSON mapping, but
/// with ids in hexadecimal and enumerations as numbers.
/// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
package enum OTLP {
    package static let tracesPath = "/v1/traces"

    /// Of one with a dozen attributes.
    private static let spanBytes = 1024

    /// - Parameters:
    ///   - resource: what all of the spans are of: `service.name` and so on.
    ///   - scope: name and version of who made them.
    package static func request(
        _ spans: [Span], resource: [(key: String, value: String)], scope: (name: String, version: String)
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity((spans.count + 1) * spanBytes)
        bytes.append("{\"resourceSpans\":[{\"resource\":{\"attributes\":")
        append(resource.map { ($0.key, .text($0.value)) }, to: &bytes)
        bytes.append("},\"scopeSpans\":[{\"scope\":{\"name\":")
        JSON.appendQuoted(scope.name, to: &bytes)
        bytes.append(",\"version\":")
        JSON.appendQuoted(scope.version, to: &bytes)
        bytes.append("},\"spans\":[")
        for (index, span) in spans.enumerated() {
            if index > 0 { bytes.append(",") }
            append(span, to: &bytes)
        }
        bytes.append("]}]}]}")
        return bytes
    }

    private static func append(_ span: Span, to bytes: inout [UInt8]) {
        bytes.append("{\"traceId\":")
        JSON.appendQuoted(span.traceID, to: &bytes)
        append("spanId", span.spanID, to: &bytes)
        append("parentSpanId", span.parentID, to: &bytes)
        append("traceState", span.state, to: &bytes)
        append("name", span.name, to: &bytes)
        bytes.append(",\"kind\":")
        bytes.append(String(span.kind.rawValue))
        // 64-bit integers are strings there.
        let begin = span.begin * 1000
        append("startTimeUnixNano", String(begin), to: &bytes)
        append("endTimeUnixNano", String(begin + nanoseconds(span.duration)), to: &bytes)
        bytes.append(",\"attributes\":")
        append(span.attributes, to: &bytes)
        bytes.append(span.hasFailed ? ",\"status\":{\"code\":2}}" : ",\"status\":{}}")
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return max(0, seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// A member after others; nil: none.
    private static func append(_ name: String, _ value: String?, to bytes: inout [UInt8]) {
        guard let value else { return }
        bytes.append(",\"")
        bytes.append(name)
        bytes.append("\":")
        JSON.appendQuoted(value, to: &bytes)
    }

    private static func append(_ attributes: [(key: String, value: Span.Value)], to bytes: inout [UInt8]) {
        bytes.append("[")
        for (index, attribute) in attributes.enumerated() {
            bytes.append(index > 0 ? ",{\"key\":" : "{\"key\":")
            JSON.appendQuoted(attribute.key, to: &bytes)
            switch attribute.value {
            case .text(let text):
                bytes.append(",\"value\":{\"stringValue\":")
                JSON.appendQuoted(text, to: &bytes)
            case .integer(let number):
                bytes.append(",\"value\":{\"intValue\":")
                JSON.appendQuoted(String(number), to: &bytes)
            }
            bytes.append("}}")
        }
        bytes.append("]")
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: String) {
        append(contentsOf: text.utf8)
    }
}
