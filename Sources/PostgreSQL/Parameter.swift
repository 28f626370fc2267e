/// A value for one of a statement's `$1`, `$2` …
package struct Parameter: Sendable, Equatable {
    enum Format: Int32 {
        case text = 0
        case binary = 1
    }

    let type: ObjectID
    /// nil is NULL. A text ends with a zero byte, by which libpq finds its end.
    let bytes: [UInt8]?
    let format: Format

    /// A value in the server's text format; the text holds no U+0000.
    package static func text(_ value: String?, type: ObjectID = .inferred) -> Parameter {
        Parameter(type: type, bytes: value.map { Array($0.utf8) + [0] }, format: .text)
    }

    /// - Parameter microseconds: since 1970-01-01T00:00:00Z; in the server's text format none would be exact.
    package static func timestamp(microseconds: Int64) -> Parameter {
        let tuple = BinaryTuple(capacity: 12) { $0.append(timestamp: microseconds) }
        return .binary(Array(tuple.bytes.dropFirst(BinaryTuple.lengthBytes)), type: .timestamptz)
    }

    /// A value in the type's binary format.
    package static func binary(_ value: [UInt8]?, type: ObjectID = .inferred) -> Parameter {
        Parameter(type: type, bytes: value, format: .binary)
    }
}
