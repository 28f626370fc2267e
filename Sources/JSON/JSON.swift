/// JSON as small documents need it (RFC 8259): one object or array, read strictly, and strings to write.
package enum JSON {
    /// Objects and arrays inside each other, the document's own object included.
    package static let depthMax = 32

    /// The members of a document that is one object, in their order.
    ///
    /// No name may occur twice in one object at any depth, and bytes outside the grammar, UTF-8 or Unicode's scalar
    /// values are refused everywhere, so that no two readers can understand the document differently.
    package static func members(of document: [UInt8]) throws(JSONError) -> [JSONMember] {
        var scanner = try JSONScanner(document)
        return try scanner.document()
    }

    /// The elements of a document that is one array, in their order; as strict as `members`.
    package static func elements(of document: [UInt8]) throws(JSONError) -> [JSONValue] {
        var scanner = try JSONScanner(document)
        return try scanner.arrayDocument()
    }

    /// The text as a JSON string, quotes included, everything but quotes, backslashes and controls verbatim.
    package static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 2)
        appendQuoted(text, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// See `quoted`.
    package static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        let utf8 = text.utf8.span
        // Hardly any text has something to escape, task tokens never: a loop that goes on to the end takes many bytes
        // at once.
        var found: UInt8 = 0
        for index in 0..<utf8.count { found |= mustBeEscaped(utf8[index]) }
        if found != 0 {
            for byte in text.utf8 { appendEscaped(byte, to: &bytes) }
        } else {
            bytes.append(contentsOf: text.utf8)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func appendEscaped(_ byte: UInt8, to bytes: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            bytes.append(UInt8(ascii: "\\"))
            bytes.append(byte)
        case 0..<0x20:
            bytes.append(contentsOf: "\\u00".utf8)
            bytes.appendHexadecimal(byte)
        default:
            bytes.append(byte)
        }
    }

    /// - Returns: 0: it need not be.
    private static func mustBeEscaped(_ byte: UInt8) -> UInt8 {
        (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
    }
}

package struct JSONMember: Sendable, Equatable {
    package var name: String
    package var value: JSONValue

    package init(name: String, value: JSONValue) {
        self.name = name
        self.value = value
    }
}

package enum JSONValue: Sendable, Equatable {
    case string(String)
    case bool(Bool)
    case null
    /// A number, an array or an object as its text: numbers and escapes as they came, no white space between tokens.
    case other(compact: String)
}

/// Why a document is no JSON object, and where. It quotes names of members, never values: they may be secrets.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        case byteOrderMark
        case invalidUTF8
        case notAnObject
        case notAnArray
        case unexpectedEnd
        case nameExpected
        case colonExpected
        case commaExpected
        case valueExpected
        case controlCharacter
        case invalidEscape
        case loneSurrogate
        case invalidNumber
        case duplicateMember(String)
        case tooDeep
        case trailingBytes
    }

    package var reason: Reason
    /// From the document's first byte, 0.
    package var offset: Int

    package init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String {
        "\(message) (at byte \(offset))"
    }

    private var message: String {
        switch reason {
        case .byteOrderMark: "begin without a byte order mark"
        case .invalidUTF8: "use UTF-8: these bytes are not"
        case .notAnObject: "send a JSON object"
        case .notAnArray: "send a JSON array"
        case .unexpectedEnd: "the JSON ends too early"
        case .nameExpected: "a member's name in double quotes is expected"
        case .colonExpected: "a colon is expected"
        case .commaExpected: "a comma or the closing bracket is expected"
        case .valueExpected: "a JSON value is expected"
        case .controlCharacter: "escape control characters in strings"
        case .invalidEscape: "this is no JSON escape"
        case .loneSurrogate: "an escaped surrogate needs its other half"
        case .invalidNumber: "this is no JSON number"
        case .duplicateMember(let name): "give the member \(JSON.quoted(name.shortened)) only once"
        case .tooDeep: "nest values at most \(JSON.depthMax) deep"
        case .trailingBytes: "nothing may follow the JSON object"
        }
    }
}

extension String {
    /// The longest name of a member that an error quotes in full.
    private static let quotedCharactersMax = 64

    /// For a name that a caller chose, in an error's text.
    package var shortened: String {
        unicodeScalars.count <= Self.quotedCharactersMax
            ? self : String(String.UnicodeScalarView(unicodeScalars.prefix(Self.quotedCharactersMax))) + "…"
    }
}
