import Telemetry

extension Configuration {
    private static let samplerDefault = "parentbased_always_on"

    /// Where spans go: OpenTelemetry's variables, as far as they are simple.
    mutating func readTracing(_ reader: inout EnvironmentReader) {
        let headers = readPairs("OTEL_EXPORTER_OTLP_HEADERS", reader.secret("OTEL_EXPORTER_OTLP_HEADERS"), &reader)
        var attributes = readPairs("OTEL_RESOURCE_ATTRIBUTES", reader["OTEL_RESOURCE_ATTRIBUTES"], &reader)
        let samplerName = reader["OTEL_TRACES_SAMPLER"] ?? Self.samplerDefault
        let sampler = TraceSampler(samplerName, argument: reader["OTEL_TRACES_SAMPLER_ARG"])
        if sampler == nil {
            reader.faults.append(
                "OTEL_TRACES_SAMPLER: \"\(samplerName)\" is not always_on, always_off, traceidratio or one of these "
                    + "with parentbased_ before it, or OTEL_TRACES_SAMPLER_ARG is not a ratio from 0 to 1.")
        }
        if let badHeader = headers.first(where: { !Self.isHeader($0) }) {
            reader.faults.append("OTEL_EXPORTER_OTLP_HEADERS: \"\(badHeader.key)\" cannot be sent as a header.")
        }
        guard let url = url(&reader), let sampler else { return }
        let named = attributes.last { $0.key == "service.name" }?.value
        attributes.removeAll { $0.key == "service.name" }
        tracing = TracingSettings(
            url: url, headers: headers.map { (name: $0.key, value: $0.value) },
            serviceName: reader["OTEL_SERVICE_NAME"] ?? named ?? Release.name, attributes: attributes, sampler: sampler)
    }

    /// The variable for traces alone is used as it is, the other is what all signals' paths are below.
    private func url(_ reader: inout EnvironmentReader) -> String? {
        let own = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
        let common = "OTEL_EXPORTER_OTLP_ENDPOINT"
        guard let name = [own, common].first(where: { reader[$0] != nil }), let text = reader[name] else { return nil }
        let schemes = ["http://", "https://"]
        guard let scheme = schemes.first(where: text.hasPrefix), text.utf8.count > scheme.utf8.count,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            reader.faults.append("\(name): \"\(text)\" is not a URL such as http://localhost:4318.")
            return nil
        }
        if name == own { return text }
        return (text.hasSuffix("/") ? String(text.dropLast()) : text) + OTLP.tracesPath
    }

    private func readPairs(
        _ name: String, _ text: String?, _ reader: inout EnvironmentReader
    ) -> [(key: String, value: String)] {
        guard let text else { return [] }
        guard let pairs = TracingSettings.pairs(text) else {
            // What is in it may be secret.
            reader.faults.append("\(name) is not of the form key=value,key=value with percent-encoded values.")
            return []
        }
        return pairs
    }

    private static func isHeader(_ pair: (key: String, value: String)) -> Bool {
        pair.key.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: ":") }
            && pair.value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
