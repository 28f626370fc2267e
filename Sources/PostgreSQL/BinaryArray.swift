/// A one-dimensional array in the server's binary format (`array_recv` in PostgreSQL's arrayfuncs.c): five 32-bit words
/// in network order (dimensions, whether there are NULLs, the elements' type, length, lower bound), then the elements
/// as in a tuple.
package struct BinaryArray {
    private static let hasNullOffset = 4
    private static let countOffset = 12

    private var content: [UInt8] = []
    package private(set) var count = 0
    private var hasNull = false

    package init(of element: ObjectID) {
        content.reserveCapacity(1024)
        content.appendBigEndian(Int32(1))
        content.appendBigEndian(Int32(0))
        content.appendBigEndian(element.rawValue)
        content.appendBigEndian(Int32(0))
        content.appendBigEndian(Int32(1))
    }

    /// Appends a tuple's field.
    /// - Parameter field: where it is there, its length before it included.
    package mutating func append(_ field: Range<Int>, of tuple: BinaryTuple) {
        count += 1
        let bytes = tuple.bytes[field]
        // A length of -1 is the only one that begins so.
        if bytes.first == 0xFF { hasNull = true }
        content += bytes
    }

    package var bytes: [UInt8] {
        // An array of no elements has no dimensions either.
        if count == 0 { return Array(repeating: 0, count: 8) + content[8..<12] }
        var bytes = content
        bytes.replaceBigEndian(at: Self.hasNullOffset, with: Int32(hasNull ? 1 : 0))
        bytes.replaceBigEndian(at: Self.countOffset, with: Int32(clamping: count))
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func replaceBigEndian(at offset: Int, with value: Int32) {
        for index in 0..<4 {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index))
        }
    }
}
