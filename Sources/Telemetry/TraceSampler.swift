/// Which traces' spans are kept: OpenTelemetry's samplers.
/// https://opentelemetry.io/docs/specs/otel/trace/sdk/#built-in-samplers
package enum TraceSampler: Sendable, Equatable {
    case always
    case never
    /// So much of all traces, 0 to 1; every service that uses the same ratio keeps the same ones.
    case ratio(Double)
    /// As the caller says; where the trace begins here, as the other says.
    indirect case parentBased(root: TraceSampler)

    /// - Parameters:
    ///   - name: as in `OTEL_TRACES_SAMPLER`.
    ///   - argument: as in `OTEL_TRACES_SAMPLER_ARG`; nil: 1.
    /// - Returns: nil for an unknown name, and for a ratio that is none.
    package init?(_ name: String, argument: String?) {
        switch name {
        case "always_on": self = .always
        case "always_off": self = .never
        case "traceidratio":
            guard let ratio = Double(argument ?? "1"), (0...1).contains(ratio) else { return nil }
            self = .ratio(ratio)
        case "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio":
            guard let root = Self(String(name.dropFirst("parentbased_".count)), argument: argument) else { return nil }
            self = .parentBased(root: root)
        default: return nil
        }
    }

    /// - Parameters:
    ///   - traceID: 32 hexadecimal digits.
    ///   - parentIsSampled: what the caller says; nil: the trace begins here.
    package func keeps(_ traceID: String, parentIsSampled: Bool?) -> Bool {
        switch self {
        case .always: true
        case .never: false
        case .ratio(let ratio): Self.number(of: traceID) < UInt64(ratio * Double(1 << 63 as UInt64))
        case .parentBased(let root): parentIsSampled ?? root.keeps(traceID, parentIsSampled: nil)
        }
    }

    /// The id's right half, where it is random, in 63 bits.
    private static func number(of traceID: String) -> UInt64 {
        (UInt64(traceID.suffix(16), radix: 16) ?? 0) >> 1
    }
}
