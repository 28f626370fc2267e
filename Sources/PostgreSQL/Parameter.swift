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
        var tuple = BinaryTuple(capacity: 12)
        tuple.append(timestamp: microseconds)
        return .binary(Array(tuple.bytes.dropFirst(BinaryTuple.lengthBytes)), type: .timestamptz)
    }

    /// A value in the type's binary format.
    package static func binary(_ value: [UInt8]?, type: ObjectID = .inferred) -> Parameter {
        Parameter(type: type, bytes: value, format: .binary)
    }
}

/// The parameters of one statement as libpq takes them: four arrays side by side.
struct ParameterArrays {
    private let types: [UInt32]
    private let lengths: [Int32]
    private let formats: [Int32]
    /// The values end to end, so that one pointer reaches all; nil is NULL.
    private var bytes: [UInt8] = []
    private var offsets: [Int?] = []

    init(_ parameters: [Parameter]) {
        types = parameters.map(\.type.rawValue)
        lengths = parameters.map { Int32(clamping: $0.bytes?.count ?? 0) }
        formats = parameters.map(\.format.rawValue)
        bytes.reserveCapacity(parameters.reduce(0) { $0 + ($1.bytes?.count ?? 0) })
        for parameter in parameters {
            offsets.append(parameter.bytes.map { _ in bytes.count })
            bytes += parameter.bytes ?? []
        }
        // An empty array may have no address, and an empty value must not look like NULL.
        bytes.append(0)
    }

    typealias Pointers = (
        count: Int32, types: UnsafePointer<UInt32>?, values: UnsafePointer<UnsafePointer<CChar>?>?,
        lengths: UnsafePointer<Int32>?, formats: UnsafePointer<Int32>?
    )

    func withPointers(_ body: (Pointers) -> Int32) -> Int32 {
        unsafe bytes.withUnsafeBytes { bytes in
            let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress
            let values = unsafe offsets.map { offset in unsafe offset.flatMap { unsafe start?.advanced(by: $0) } }
            return unsafe types.withUnsafeBufferPointer { types in
                unsafe values.withUnsafeBufferPointer { values in
                    unsafe lengths.withUnsafeBufferPointer { lengths in
                        unsafe formats.withUnsafeBufferPointer { formats in
                            unsafe body(
                                (
                                    Int32(types.count), types.baseAddress, values.baseAddress, lengths.baseAddress,
                                    formats.baseAddress
                                ))
                        }
                    }
                }
            }
        }
    }
}
