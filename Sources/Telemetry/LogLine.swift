import Logging

/// A log event, flattened.
struct LogLine {
    /// Metadata of these names is kept under `metadata.…`, for a JSON object's keys are unique.
    private static let ownKeys: Set<String> = ["time", "level", "msg"]

    let time: String
    let level: String
    let message: String
    private(set) var fields: [String: String] = [:]

    init(time: String, level: String, message: String) {
        self.time = time
        self.level = level
        self.message = message
    }

    /// A member of a dictionary gets the key `outer.inner`, an element of an array `outer.0`.
    mutating func add(_ metadata: Logger.Metadata) {
        for (key, value) in metadata {
            add(value, key: Self.ownKeys.contains(key) ? "metadata.\(key)" : key)
        }
    }

    private mutating func add(_ value: Logger.Metadata.Value, key: String) {
        switch value {
        case .string(let text): fields[key] = text
        case .stringConvertible(let convertible): fields[key] = convertible.description
        case .dictionary(let members):
            for (name, member) in members {
                add(member, key: "\(key).\(name)")
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                add(element, key: "\(key).\(index)")
            }
        }
    }

    /// Metadata stands sorted by key, so that equal events make equal lines.
    private var sortedFields: [(key: String, value: String)] {
        fields.sorted { $0.key < $1.key }
    }

    var json: [UInt8] {
        var bytes = Array("{".utf8)
        for (key, value) in [("time", time), ("level", level), ("msg", message)] + sortedFields {
            if bytes.count > 1 {
                bytes.append(UInt8(ascii: ","))
            }
            bytes.appendQuoted(key)
            bytes.append(UInt8(ascii: ":"))
            bytes.appendQuoted(value)
        }
        bytes.append(contentsOf: "}\n".utf8)
        return bytes
    }

    /// `TIME LEVEL MESSAGE key=value key="value with blanks"`. What could feign a second line or steer a terminal is
    /// escaped as in JSON.
    var text: [UInt8] {
        var bytes = Array("\(time) \(level.uppercased()) ".utf8)
        bytes.appendEscaped(message, quotes: false)
        for (key, value) in sortedFields {
            bytes.append(UInt8(ascii: " "))
            bytes.appendWord(key)
            bytes.append(UInt8(ascii: "="))
            bytes.appendWord(value)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}

extension [UInt8] {
    /// A JSON string (RFC 8259 §7).
    fileprivate mutating func appendQuoted(_ text: String) {
        append(UInt8(ascii: "\""))
        appendEscaped(text, quotes: true)
        append(UInt8(ascii: "\""))
    }

    /// Quoted only where its end or its parts could be misread.
    fileprivate mutating func appendWord(_ text: String) {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            !scalar.properties.isWhitespace && !mustEscape(scalar) && !["=", "\"", "\\"].contains(scalar)
        }
        guard isPlain, !text.isEmpty else { return appendQuoted(text) }
        append(contentsOf: text.utf8)
    }

    /// - Parameter quotes: whether the text stands between double quotes, which are then escaped too.
    fileprivate mutating func appendEscaped(_ text: String, quotes: Bool) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"" where quotes: append(contentsOf: "\\\"".utf8)
            case "\\": append(contentsOf: "\\\\".utf8)
            case "\n": append(contentsOf: "\\n".utf8)
            case "\r": append(contentsOf: "\\r".utf8)
            case "\t": append(contentsOf: "\\t".utf8)
            case _ where mustEscape(scalar): appendCodePoint(scalar)
            default: append(contentsOf: scalar.utf8)
            }
        }
    }

    /// `\u` and four hexadecimal digits.
    private mutating func appendCodePoint(_ scalar: Unicode.Scalar) {
        let digits = String(scalar.value, radix: 16)
        append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8)
    }
}

/// C0 must be escaped by RFC 8259; DEL and C1 steer terminals; U+2028 and U+2029 end lines for some readers, and the
/// directional controls can make a line read otherwise than it is. All have at most four digits.
private func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
}
