/// Walks over a document once. It checks everything, and keeps only what the outermost object holds.
struct JSONScanner {
    private let bytes: [UInt8]
    private var offset = 0

    /// Everything after this may assume valid UTF-8.
    init(_ document: [UInt8]) throws(JSONError) {
        bytes = document
        if document.starts(with: [0xEF, 0xBB, 0xBF]) { throw JSONError(reason: .byteOrderMark, offset: 0) }
        do {
            _ = try UTF8Span(validating: document.span)
        } catch {
            throw JSONError(reason: .invalidUTF8, offset: error.byteOffsets.lowerBound)
        }
    }

    mutating func document() throws(JSONError) -> [JSONMember] {
        skipWhiteSpace()
        guard current == UInt8(ascii: "{") else { throw failure(.notAnObject) }
        let members = try object(depth: 1)
        skipWhiteSpace()
        guard offset == bytes.count else { throw failure(.trailingBytes) }
        return members
    }

    mutating func arrayDocument() throws(JSONError) -> [JSONValue] {
        skipWhiteSpace()
        guard skip("[") else { throw failure(.notAnArray) }
        var elements: [JSONValue] = []
        skipWhiteSpace()
        if !skip("]") {
            repeat {
                skipWhiteSpace()
                elements.append(try memberValue())
                skipWhiteSpace()
            } while skip(",")
            guard skip("]") else { throw failure(.commaExpected) }
        }
        skipWhiteSpace()
        guard offset == bytes.count else { throw failure(.trailingBytes) }
        return elements
    }

    // MARK: Values

    /// - Returns: the members of the outermost object; for inner ones, which are only checked, none.
    private mutating func object(depth: Int) throws(JSONError) -> [JSONMember] {
        guard depth <= JSON.depthMax else { throw failure(.tooDeep) }
        var members: [JSONMember] = []
        var names = MemberNames()
        offset += 1
        skipWhiteSpace()
        if skip("}") { return members }
        repeat {
            skipWhiteSpace()
            let start = offset
            guard current == UInt8(ascii: "\"") else { throw failure(.nameExpected) }
            let name = try string()
            guard names.insert(name) else {
                throw JSONError(reason: .duplicateMember(name), offset: start)
            }
            skipWhiteSpace()
            guard skip(":") else { throw failure(.colonExpected) }
            skipWhiteSpace()
            if depth == 1 {
                members.append(JSONMember(name: name, value: try memberValue()))
            } else {
                try skipValue(depth: depth)
            }
            skipWhiteSpace()
        } while skip(",")
        guard skip("}") else { throw failure(.commaExpected) }
        return members
    }

    private mutating func skipArray(depth: Int) throws(JSONError) {
        guard depth <= JSON.depthMax else { throw failure(.tooDeep) }
        offset += 1
        skipWhiteSpace()
        if skip("]") { return }
        repeat {
            skipWhiteSpace()
            try skipValue(depth: depth)
            skipWhiteSpace()
        } while skip(",")
        guard skip("]") else { throw failure(.commaExpected) }
    }

    private mutating func memberValue() throws(JSONError) -> JSONValue {
        let start = offset
        switch current {
        case UInt8(ascii: "\""):
            return .string(try string())
        case UInt8(ascii: "t"):
            try literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .null
        default:
            try skipValue(depth: 1)
            return .other(compact: compactText(start..<offset))
        }
    }

    private mutating func skipValue(depth: Int) throws(JSONError) {
        switch current {
        case UInt8(ascii: "{"): _ = try object(depth: depth + 1)
        case UInt8(ascii: "["): try skipArray(depth: depth + 1)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): try number()
        default: throw failure(.valueExpected)
        }
    }

    /// The value's text, which is known to be valid, without the white space outside strings.
    private func compactText(_ range: Range<Int>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var isInString = false
        var isEscaped = false
        for byte in bytes[range] where isInString || !Self.isWhiteSpace(byte) {
            if byte == UInt8(ascii: "\""), !isEscaped { isInString.toggle() }
            isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
            text.append(byte)
        }
        return String(decoding: text, as: UTF8.self)
    }
}

// MARK: Tokens

extension JSONScanner {
    private mutating func literal(_ word: StaticString) throws(JSONError) {
        for byte in word.description.utf8 {
            guard current == byte else { throw failure(.valueExpected) }
            offset += 1
        }
    }

    private mutating func number() throws(JSONError) {
        _ = skip("-")
        if !skip("0") { try digits() }
        if skip(".") { try digits() }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        // A digit can only follow a leading zero here.
        if let current, Self.isDigit(current) { throw failure(.invalidNumber) }
    }

    private mutating func digits() throws(JSONError) {
        let start = offset
        while let current, Self.isDigit(current) { offset += 1 }
        guard offset > start else { throw failure(.invalidNumber) }
    }

    private mutating func string() throws(JSONError) -> String {
        offset += 1
        let start = offset
        skipPlainCharacters()
        if current == UInt8(ascii: "\"") {
            offset += 1
            return String(decoding: bytes[start..<offset - 1], as: UTF8.self)
        }
        var text = Array(bytes[start..<offset])
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20:
                throw failure(.controlCharacter)
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw failure(.unexpectedEnd)
    }

    /// Those of a string that stand for themselves.
    private mutating func skipPlainCharacters() {
        while let byte = current, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { offset += 1 }
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = offset
        offset += 1
        guard let byte = current else { throw failure(.unexpectedEnd) }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONError(reason: .invalidEscape, offset: start)
        }
        let unit = try codeUnit(from: start)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), skip("\\"), skip("u") else {
            throw JSONError(reason: .loneSurrogate, offset: start)
        }
        let trail = try codeUnit(from: start)
        guard UTF16.isTrailSurrogate(trail) else { throw JSONError(reason: .loneSurrogate, offset: start) }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    /// Four hexadecimal digits.
    private mutating func codeUnit(from start: Int) throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current else { throw failure(.unexpectedEnd) }
            guard let digit = byte.hexadecimalDigit else { throw JSONError(reason: .invalidEscape, offset: start) }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }

    // MARK: Bytes

    private var current: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        offset += 1
        return true
    }

    private mutating func skipWhiteSpace() {
        while let current, Self.isWhiteSpace(current) { offset += 1 }
    }

    /// The reason, here; at the end of the document it is always the same one.
    private func failure(_ reason: JSONError.Reason) -> JSONError {
        JSONError(reason: offset < bytes.count ? reason : .unexpectedEnd, offset: offset)
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// The names in one object so far. Compared by bytes: a string's equality would take canonically equivalent names for
/// the same.
private struct MemberNames {
    /// Most objects have but one.
    private var first: String?
    private var others: Set<[UInt8]> = []

    /// - Returns: false where it is one of them.
    mutating func insert(_ name: String) -> Bool {
        guard let first else {
            first = name
            return true
        }
        return !first.utf8.elementsEqual(name.utf8) && others.insert(Array(name.utf8)).inserted
    }
}
