import HTTP
internal import JSON

/// The trace that a request belongs to (W3C Trace Context).
package struct TraceContext: Sendable, Equatable {
    /// 32 lower-case hexadecimal digits.
    package let traceID: String
    /// What the caller says of it; nil: the trace begins here.
    package let parent: Parent?

    package struct Parent: Sendable, Equatable {
        /// 16 lower-case hexadecimal digits.
        package let spanID: String
        /// Whether the caller may keep the trace.
        package let isSampled: Bool
        /// `tracestate`, as it came; nil: there is none.
        package let state: String?

        package init(spanID: String, isSampled: Bool, state: String? = nil) {
            self.spanID = spanID
            self.isSampled = isSampled
            self.state = state
        }
    }

    /// What a caller may send of `tracestate`; longer ones need not be passed on (§3.3.1.5).
    private static let stateBytesMax = 512

    package init(traceID: String, parent: Parent? = nil) {
        self.traceID = traceID
        self.parent = parent
    }

    /// The trace of a valid `traceparent`, else a new one (§4.3).
    init(_ fields: Fields, random: () -> UInt64) {
        if let value = fields.onlyValue(of: "traceparent"), let context = Self(parent: value, fields) {
            self = context
            return
        }
        // An id of zeros is invalid (§3.2.2.3).
        var text = HexadecimalText()
        text.append(random() | 1)
        text.append(random())
        self.init(traceID: text.text)
    }

    /// `version "-" trace-id "-" parent-id "-" flags`; versions after 00 may go on after another dash (§3.2.2, §4.3).
    private init?(parent value: ArraySlice<UInt8>, _ fields: Fields) {
        let parent = Array(value)
        let dash = UInt8(ascii: "-")
        let length = 55
        guard parent.count >= length, parent[2] == dash, parent[35] == dash, parent[52] == dash,
            parent.count == length || (parent[length] == dash && !parent.starts(with: "00".utf8)),
            !parent.starts(with: "ff".utf8)
        else { return nil }
        let traceID = parent[3..<35]
        let spanID = parent[36..<52]
        for part in [parent[0..<2], traceID, spanID, parent[53..<55]] {
            guard part.allSatisfy({ $0.hexadecimalDigit != nil && !(0x41...0x46).contains($0) }) else { return nil }
        }
        let isZero = { (part: ArraySlice<UInt8>) in part.allSatisfy { $0 == UInt8(ascii: "0") } }
        guard !isZero(traceID), !isZero(spanID), let flags = parent[54].hexadecimalDigit else { return nil }
        let state = fields.values(named: "tracestate").joined(separator: ",")
        self.init(
            traceID: String(decoding: traceID, as: UTF8.self),
            parent: Parent(
                spanID: String(decoding: spanID, as: UTF8.self), isSampled: flags & 1 == 1,
                state: state.isEmpty || state.utf8.count > Self.stateBytesMax ? nil : state))
    }

    /// 16 digits.
    package static func hexadecimal(_ word: UInt64) -> String {
        var text = HexadecimalText()
        text.append(word)
        return text.text
    }
}
