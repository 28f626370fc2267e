/// What AWS's Query protocol answers with: elements inside each other, text in the innermost.
///
/// No more of XML is read: a document with anything else than elements, their attributes, text and character
/// references is none of STS's.
struct XMLLeaves {
    private static let depthMax = 16

    /// The texts, by the elements' names from the outermost on: `A/B/C`.
    private(set) var texts: [String: String] = [:]

    private var rest: Substring.UTF8View
    private var path: [String] = []

    /// nil where it is none.
    init?(_ document: [UInt8]) {
        guard let text = String(validating: document, as: UTF8.self) else { return nil }
        rest = text.utf8[...]
        skipSpace()
        if skip("<?xml") {
            guard skipPast("?>") else { return nil }
            skipSpace()
        }
        guard rest.starts(with: "<".utf8), element() else { return nil }
        skipSpace()
        guard rest.isEmpty else { return nil }
    }

    subscript(path: String) -> String? { texts[path] }

    /// From the `<` on.
    private mutating func element() -> Bool {
        guard path.count < Self.depthMax, skip("<"), let name = name() else { return false }
        let attributes = rest.prefix { $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "<") }
        rest = rest[attributes.endIndex...]
        // A quotation that is open here would have the tag end elsewhere.
        let isClosed = [UInt8(ascii: "\""), UInt8(ascii: "'")].allSatisfy { quote in
            attributes.count { $0 == quote } % 2 == 0
        }
        guard isClosed, skip(">") else { return false }
        path.append(name)
        defer { path.removeLast() }
        if attributes.last == UInt8(ascii: "/") { return keep("") }
        var hasChildren = false
        var text = ""
        while true {
            guard let piece = characters() else { return false }
            text += piece
            if skip("</") {
                guard skip(name) else { return false }
                skipSpace()
                return skip(">") && (hasChildren || keep(text))
            }
            hasChildren = true
            guard element() else { return false }
        }
    }

    /// No element may come twice in the same place: readers would differ about which one counts.
    private mutating func keep(_ text: String) -> Bool {
        texts.updateValue(text, forKey: path.joined(separator: "/")) == nil
    }

    private mutating func name() -> String? {
        let name = rest.prefix {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: ":"):
                true
            default: false
            }
        }
        rest = rest[name.endIndex...]
        return name.isEmpty ? nil : String(name)
    }

    /// The text up to the next tag.
    private mutating func characters() -> String? {
        var text = ""
        while true {
            let plain = rest.prefix { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "&") }
            text += String(Substring(plain))
            rest = rest[plain.endIndex...]
            guard skip("&") else { return rest.isEmpty ? nil : text }
            guard let end = rest.firstIndex(of: UInt8(ascii: ";")),
                let scalar = Self.scalar(String(Substring(rest[..<end])))
            else { return nil }
            text.unicodeScalars.append(scalar)
            rest = rest[end...].dropFirst()
        }
    }

    private static func scalar(_ reference: String) -> Unicode.Scalar? {
        switch reference {
        case "lt": "<"
        case "gt": ">"
        case "amp": "&"
        case "quot": "\""
        case "apos": "'"
        case _ where reference.hasPrefix("#x"): UInt32(reference.dropFirst(2), radix: 16).flatMap { Unicode.Scalar($0) }
        case _ where reference.hasPrefix("#"): UInt32(reference.dropFirst()).flatMap { Unicode.Scalar($0) }
        default: nil
        }
    }

    private mutating func skip(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    private mutating func skipPast(_ text: String) -> Bool {
        while !rest.isEmpty {
            if skip(text) { return true }
            rest = rest.dropFirst()
        }
        return false
    }

    private mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }
}
