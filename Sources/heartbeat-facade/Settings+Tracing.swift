import Telemetry

extension Setting {
    /// OpenTelemetry's own.
    static let tracing: [Setting] = [
        Setting(
            name: "OTEL_EXPORTER_OTLP_ENDPOINT", defaultText: "none: no spans are sent",
            meaning: "the collector that spans of heartbeats go to, such as `http://localhost:4318`, as HTTP with JSON",
            value: { $0.tracing?.url ?? "none: no spans are sent" }),
        Setting(
            name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", defaultText: "`/v1/traces` there",
            meaning: "or the whole URL", value: { $0.tracing?.url ?? "none: no spans are sent" }),
        Setting(
            name: "OTEL_EXPORTER_OTLP_HEADERS", defaultText: "none",
            meaning: "what is sent there, `name=value,name=value`, values percent-encoded", isSecret: true,
            value: { "\($0.tracing?.headers.count ?? 0) headers" }),
        Setting(
            name: "OTEL_SERVICE_NAME", defaultText: "heartbeat-facade",
            meaning: "what the service is called there", value: { $0.tracing?.serviceName ?? Release.name }),
        Setting(
            name: "OTEL_RESOURCE_ATTRIBUTES", defaultText: "none",
            meaning: "what else is said of it, `key=value,key=value`",
            value: { configuration in
                let pairs = configuration.tracing?.attributes.map { "\($0.key)=\($0.value)" } ?? []
                return pairs.isEmpty ? "none" : pairs.joined(separator: ",")
            }),
        Setting(
            name: "OTEL_TRACES_SAMPLER", defaultText: "parentbased_always_on",
            meaning:
                "which traces: `always_on`, `always_off`, `traceidratio`, or one of these for traces that begin here, "
                + "with `parentbased_` before it",
            value: { $0.tracing?.sampler.text ?? "parentbased_always_on" }),
        Setting(
            name: "OTEL_TRACES_SAMPLER_ARG", defaultText: "1", meaning: "the ratio, 0 to 1",
            value: { "\($0.tracing?.sampler.ratio ?? 1)" }),
    ]
}

extension TraceSampler {
    fileprivate var text: String {
        switch self {
        case .always: "always_on"
        case .never: "always_off"
        case .ratio: "traceidratio"
        case .parentBased(let root): "parentbased_\(root.text)"
        }
    }

    fileprivate var ratio: Double? {
        switch self {
        case .always, .never: nil
        case .ratio(let ratio): ratio
        case .parentBased(let root): root.ratio
        }
    }
}
