/// Header fields whose value is a comma-separated list of elements with parameters (RFC 9110 §5.6).
enum FieldList {
    /// The elements of all the fields, without white space around them; empty ones are no elements (§5.6.1.2).
    static func elements(_ values: [String]) -> [Substring] {
        values.flatMap { split($0[...], at: ",") }.filter { !$0.isEmpty }
    }

    /// An element without its parameters, in lower case.
    static func name(_ element: Substring) -> String {
        (split(element, at: ";").first ?? "").lowercased()
    }

    /// Splits outside quoted strings (§5.6.4), and trims spaces and tabs.
    static func split(_ text: Substring, at separator: Unicode.Scalar) -> [Substring] {
        let bytes = text.utf8
        var parts: [Substring] = []
        var start = bytes.startIndex
        var isQuoted = false
        var isEscaped = false
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: separator), !isQuoted {
                parts.append(trimmed(bytes[start..<index]))
                start = bytes.index(after: index)
                continue
            }
            if byte == UInt8(ascii: "\""), !isEscaped { isQuoted.toggle() }
            isEscaped = isQuoted && byte == UInt8(ascii: "\\") && !isEscaped
        }
        parts.append(trimmed(bytes[start...]))
        return parts
    }

    private static func trimmed(_ bytes: Substring.UTF8View) -> Substring {
        var rest = bytes.drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return Substring(rest)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
