import HTTP

/// Whether the service can read the body it is sent, and the caller the answer it gets.
enum ContentNegotiation {
    private static let mediaType = "application/json"

    /// - Throws: `.unsupportedMediaType` or `.notAcceptable`.
    static func check(_ fields: Fields) throws(Problem) {
        // Also without a body: what a field says is answered the same every time.
        for value in fields.values(named: "Content-Type") where FieldList.name(value[...]) != mediaType {
            throw Problem(.unsupportedMediaType, "Send the body as \(mediaType).")
        }
        let codings = FieldList.elements(fields.values(named: "Content-Encoding"))
        guard codings.allSatisfy({ $0.lowercased() == "identity" }) else { throw .unsupportedContentEncoding() }
        try checkAnswer(fields)
    }

    /// For a call without a body.
    /// - Throws: `.notAcceptable`.
    static func checkAnswer(_ fields: Fields) throws(Problem) {
        guard accepts(fields.values(named: "Accept")) else { throw Problem(.notAcceptable) }
    }

    /// RFC 9110 §12.5.1: the most specific range that matches decides; without any range everything is acceptable.
    /// Parameters other than `q` make no difference, as there is only one representation.
    private static func accepts(_ values: [String]) -> Bool {
        let ranges = FieldList.elements(values).map { (name: FieldList.name($0), isExcluded: isExcluded($0)) }
        if ranges.isEmpty { return true }
        for wanted in [mediaType, "application/*", "*/*"] {
            let matches = ranges.filter { $0.name == wanted }
            if !matches.isEmpty { return !matches.allSatisfy(\.isExcluded) }
        }
        return false
    }

    /// Whether the range's weight is zero, with up to three decimals (§12.4.2).
    private static func isExcluded(_ range: Substring) -> Bool {
        FieldList.split(range, at: ";").dropFirst().contains { parameter in
            let parts = parameter.lowercased().split(separator: "=", maxSplits: 1)
            return parts.count == 2 && parts[0] == "q" && ["0", "0.", "0.0", "0.00", "0.000"].contains(parts[1])
        }
    }
}
