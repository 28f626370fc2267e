/// How the answer to one heartbeat came about, beside what its row says.
package struct Course: Sendable {
    package var trace: TraceContext
    /// Its path, as the OpenAPI document has it.
    package var route: StaticString
    /// How long it took to know the caller; nil: it did not come to that.
    package var authentication: Duration?
    /// From the end of the request's head to the relay's begin.
    package var relayBegin: Duration?
    /// nil: nothing was relayed.
    package var relay: Duration?
    /// How long the row took to be durable, or not to be.
    package var audit: Duration = .zero

    package init(trace: TraceContext, route: StaticString) {
        self.trace = trace
        self.route = route
    }

    /// The field `Server-Timing` (W3C), in milliseconds.
    var serverTiming: String {
        [("auth", authentication), ("upstream", relay), ("audit", audit)]
            .compactMap { name, duration in duration.map { "\(name);dur=\(Self.milliseconds($0))" } }
            .joined(separator: ", ")
    }

    /// With three decimals.
    private static func milliseconds(_ duration: Duration) -> String {
        let microseconds = Int(max(0, duration / .microseconds(1)))
        let decimals = String(microseconds % 1000)
        return "\(microseconds / 1000).\(String(repeating: "0", count: 3 - decimals.utf8.count))\(decimals)"
    }
}
