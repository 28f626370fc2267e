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
        let text: String
        do throws(UTF8.ValidationError) {
            text = String(copying: try UTF8Span(validating: decoded.span))
        } catch {
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
        guard text.utf8.span.isPrintableASCII() || !text.unicodeScalars.contains(where: \.isControl) else {
            throw Problem(.invalidRequest, "The task token contains a control character.")
        }
        self.init(secret: text)
    }
}

/// - Returns: nil where a percent sign is not followed by two hexadecimal digits (RFC 3986 §2.1).
func percentDecoded(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    guard bytes.span.contains(UInt8(ascii: "%")) else { return bytes }
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
        let byte = bytes[index]
        if byte == UInt8(ascii: "%") {
            guard bytes.endIndex - index > 2, let high = bytes[index + 1].hexadecimalDigit,
                let low = bytes[index + 2].hexadecimalDigit
            else { return nil }
            decoded.append(high << 4 | low)
            index += 3
        } else {
            decoded.append(byte)
            index += 1
        }
    }
    return decoded[...]
}

// Neither of these stops at the first byte that decides, and neither becomes a part of its caller: so the compiler has
// them look at many bytes at once.
extension Span<UInt8> {
    @inline(never)
    fileprivate func contains(_ wanted: UInt8) -> Bool {
        var found: UInt8 = 0
        for index in 0..<count { found |= self[index] == wanted ? 1 : 0 }
        return found != 0
    }

    @inline(never)
    fileprivate func isPrintableASCII() -> Bool {
        var others: UInt8 = 0
        for index in 0..<count { others |= (0x20..<0x7F).contains(self[index]) ? 0 : 1 }
        return others == 0
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1.
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value)
    }
}
