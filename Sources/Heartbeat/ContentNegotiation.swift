package import HTTP

/// Whether the service can read the body it is sent, and the caller the answer it gets.
package enum ContentNegotiation {
    private static let mediaType = "application/json"
    private static let mediaTypeBytes = Array(mediaType.utf8)[...]

    /// - Throws: `.unsupportedMediaType` or `.notAcceptable`.
    static func check(_ fields: Fields) throws(Problem) {
        // Also without a body: what a field says is answered the same every time. It mostly is these very bytes.
        if fields.onlyValue(of: "Content-Type") != mediaTypeBytes {
            for value in fields.values(named: "Content-Type") where FieldList.name(value[...]) != mediaType {
                throw Problem(.unsupportedMediaType, "Send the body as \(mediaType).")
            }
        }
        if fields.count(named: "Content-Encoding") > 0 {
            let codings = FieldList.elements(fields.values(named: "Content-Encoding"))
            guard codings.allSatisfy({ $0.lowercased() == "identity" }) else { throw .unsupportedContentEncoding() }
        }
        try checkAnswer(fields)
    }

    /// For a call without a body.
    /// - Throws: `.notAcceptable`.
    static func checkAnswer(_ fields: Fields) throws(Problem) {
        guard fields.count(named: "Accept") > 0 else { return }
        guard AcceptedRange.weight(of: mediaType, among: AcceptedRange.all(fields)) > 0 else {
            throw Problem(.notAcceptable)
        }
    }

    /// RFC 9110 §12.5.1. Parameters other than `q` make no difference, as each form is there once.
    ///
    /// - Parameter forms: the preferred first, for where the caller prefers none.
    /// - Returns: nil where nothing is acceptable.
    package static func choose<Form: RawRepresentable<String>>(from forms: [Form], _ fields: Fields) -> Form? {
        let ranges = AcceptedRange.all(fields)
        var best: (form: Form, weight: Int)?
        for form in forms {
            let weight = AcceptedRange.weight(of: form.rawValue, among: ranges)
            if weight > best?.weight ?? 0 { best = (form, weight) }
        }
        return best?.form
    }
}

/// One element of `Accept`.
private struct AcceptedRange {
    static let weightMax = 1000

    let name: String
    /// In thousandths; 0: not acceptable.
    let weight: Int

    static func all(_ fields: Fields) -> [AcceptedRange] {
        FieldList.elements(fields.values(named: "Accept")).map {
            AcceptedRange(name: FieldList.name($0), weight: weight($0))
        }
    }

    /// The most specific range that matches decides; without any range everything is acceptable.
    static func weight(of mediaType: String, among ranges: [AcceptedRange]) -> Int {
        if ranges.isEmpty { return weightMax }
        for wanted in [mediaType, "\(mediaType.prefix { $0 != "/" })/*", "*/*"] {
            let matches = ranges.filter { $0.name == wanted }
            if let weight = matches.map(\.weight).max() { return weight }
        }
        return 0
    }

    /// §12.4.2. What is no weight counts as none, which is the greatest.
    private static func weight(_ range: Substring) -> Int {
        for parameter in FieldList.split(range, at: ";").dropFirst() {
            let parts = parameter.lowercased().split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == "q" { return thousandths(parts[1]) ?? weightMax }
        }
        return weightMax
    }

    /// Of `0` or `1`, with up to three decimals.
    private static func thousandths(_ text: Substring) -> Int? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let decimals = parts.count == 2 ? parts[1] : ""
        guard parts[0] == "0" || parts[0] == "1", decimals.utf8.count <= 3,
            decimals.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let fraction = Int(decimals + String(repeating: "0", count: 3 - decimals.utf8.count))
        else { return nil }
        return parts[0] == "1" ? (fraction == 0 ? weightMax : nil) : fraction
    }
}
