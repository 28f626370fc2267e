internal import JSON

extension TaskToken {
    /// SWF's limit, in Unicode code points.
    package static let charactersMax = 1024

    /// The token of a raw path, decoded once: `+` is a plus, and what decodes to `%2F` stays that.
    /// - Throws: `.invalidRequest`, without a trace of the token.
    package init(percentEncoded bytes: ArraySlice<UInt8>) throws(Problem) {
        guard let decoded = percentDecoded(bytes) else {
            throw Problem(.invalidRequest, "In the path, write % as %25, or follow it with two hexadecimal digits.")
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw Problem(.invalidRequest, "The task token in the path is not UTF-8 once it is percent-decoded.")
        }
        try self.init(validating: text)
    }

    /// - Throws: `.invalidRequest`, without a trace of the token.
    package init(validating text: String) throws(Problem) {
        guard !text.isEmpty else {
            throw Problem(.invalidRequest, "The task token is empty; send it as the poll for the task returned it.")
        }
        guard text.utf8.count <= Self.charactersMax || text.unicodeScalars.count <= Self.charactersMax else {
            throw Problem(.invalidRequest, "The task token is longer than \(Self.charactersMax) characters.")
        }
        // A token is printable ASCII as a rule, which costs less to find out than to take it apart into scalars.
        let utf8 = text.utf8.span
        let isPlain = utf8.indices.allSatisfy { utf8[$0].isPrintableASCII }
        guard isPlain || !text.unicodeScalars.contains(where: \.isControl) else {
            throw Problem(.invalidRequest, "The task token contains a control character.")
        }
        self.init(secret: text)
    }
}

/// - Returns: nil where a percent sign is not followed by two hexadecimal digits (RFC 3986 §2.1).
func percentDecoded(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
    guard let first = bytes.firstIndex(of: UInt8(ascii: "%")) else { return Array(bytes) }
    var decoded = Array(bytes[..<first])
    decoded.reserveCapacity(bytes.count)
    var rest = bytes[first...]
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "%") else {
            decoded.append(byte)
            continue
        }
        guard let high = rest.popFirst()?.hexadecimalDigit, let low = rest.popFirst()?.hexadecimalDigit else {
            return nil
        }
        decoded.append(high << 4 | low)
    }
    return decoded
}

extension UInt8 {
    fileprivate var isPrintableASCII: Bool { (0x20..<0x7F).contains(self) }
}

extension Unicode.Scalar {
    /// C0, DEL and C1.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value)
    }
}
