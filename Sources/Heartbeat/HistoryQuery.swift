internal import JSON

/// Which part of a task's history is asked for.
struct HistoryQuery: Equatable {
    static let limitDefault = 100
    static let limitRange = 1...1000

    private(set) var limit = limitDefault
    private(set) var before: AuditPosition?

    /// - Parameter query: raw, as of `Request.query`.
    /// - Throws: `.invalidRequest`: a parameter that is unknown, given twice, or wrong.
    init(_ query: [UInt8]) throws(Problem) {
        var seen: Set<String> = []
        for parameter in query.split(separator: UInt8(ascii: "&")) {
            let parts = parameter.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.text(parts[0])
            guard seen.insert(name).inserted else {
                throw Problem(.invalidRequest, "Give the query's \(JSON.quoted(name.shortened)) only once.")
            }
            try take(name, try Self.text(parts.count == 2 ? parts[1] : []))
        }
    }

    private mutating func take(_ name: String, _ value: String) throws(Problem) {
        switch name {
        case "limit":
            let isNumber = (1...9).contains(value.utf8.count) && value.utf8.allSatisfy { (0x30...0x39).contains($0) }
            guard isNumber, let number = Int(value), Self.limitRange.contains(number) else {
                let (first, last) = (Self.limitRange.lowerBound, Self.limitRange.upperBound)
                throw Problem(.invalidRequest, "The query's limit is a whole number from \(first) to \(last).")
            }
            limit = number
        case "before":
            guard let position = AuditPosition(cursor: value) else {
                throw Problem(.invalidRequest, "The query's before is to be the next of an earlier answer, unchanged.")
            }
            before = position
        default:
            throw Problem(
                .invalidRequest,
                "Leave out the query's \(JSON.quoted(name.shortened)); it may have \"limit\" and \"before\".")
        }
    }

    private static func text(_ encoded: ArraySlice<UInt8>) throws(Problem) -> String {
        guard let decoded = percentDecoded(encoded), let text = String(validating: decoded, as: UTF8.self) else {
            throw Problem(.invalidRequest, "The query is not percent-encoded UTF-8.")
        }
        return text
    }
}
