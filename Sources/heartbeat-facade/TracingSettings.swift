import Telemetry

/// Where spans go, and which: OpenTelemetry's own variables.
/// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
struct TracingSettings: Sendable {
    /// With its path.
    var url: String
    /// They may hold credentials.
    var headers: [(name: String, value: String)] = []
    var serviceName: String
    /// Without `service.name`.
    var attributes: [(key: String, value: String)] = []
    var sampler: TraceSampler

    /// What all spans are of.
    /// - Parameter instance: what this process is called among others.
    func resource(instance: String) -> [(key: String, value: String)] {
        let own = [("service.version", Release.version), ("service.instance.id", instance)]
        return [(key: "service.name", value: serviceName)] + attributes
            + own.filter { key, _ in !attributes.contains { $0.key == key } }.map { (key: $0, value: $1) }
    }

    /// `key=value,key=value`, with percent-encoding in values (W3C Baggage).
    /// - Returns: nil where the text is not of this form.
    static func pairs(_ text: String) -> [(key: String, value: String)]? {
        var pairs: [(key: String, value: String)] = []
        for element in text.split(separator: ",") {
            let parts = element.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
            guard parts.count == 2, !parts[0].isEmpty, let value = decoded(parts[1]) else { return nil }
            pairs.append((String(parts[0]), value))
        }
        return pairs
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text.drop { $0 == " " }
        while rest.last == " " { rest.removeLast() }
        return rest
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest.removeFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
