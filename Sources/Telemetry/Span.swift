/// One operation of a trace, as OpenTelemetry has it.
package struct Span: Sendable {
    /// By OTLP's numbers.
    package enum Kind: Int, Sendable {
        /// A request that was served.
        case server = 2
        /// A call to another service.
        case client = 3
    }

    package enum Value: Sendable, Equatable {
        case text(String)
        case integer(Int)
    }

    /// 32 and 16 lower-case hexadecimal digits.
    package var traceID: String
    package var spanID: String
    /// nil: the trace begins with it.
    package var parentID: String?
    /// `tracestate`; nil: there is none.
    package var state: String?
    package var name: String
    package var kind: Kind
    /// Microseconds since 1970.
    package var begin: Int64
    package var duration: Duration
    package var attributes: [(key: String, value: Value)]
    package var hasFailed: Bool

    package init(
        traceID: String, spanID: String, parentID: String?, state: String? = nil, name: String, kind: Kind,
        begin: Int64, duration: Duration, attributes: [(key: String, value: Value)], hasFailed: Bool
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentID = parentID
        self.state = state
        self.name = name
        self.kind = kind
        self.begin = begin
        self.duration = duration
        self.attributes = attributes
        self.hasFailed = hasFailed
    }
}
