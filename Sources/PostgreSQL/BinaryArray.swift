/// A one-dimensional array in the server's binary format (`array_recv` in PostgreSQL's arrayfuncs.c): five 32-bit words
/// in network order (dimensions, whether there are NULLs, the elements' type, length, lower bound), then each element
/// with its length before it, -1 for NULL.
package struct BinaryArray {
    private static let nullLength: Int32 = -1
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

    package mutating func append(_ element: [UInt8]) {
        count += 1
        content.appendBigEndian(Int32(clamping: element.count))
        content += element
    }

    // Concrete, since a generic one would be called unspecialised from other modules: four times a row.
    package mutating func append(_ element: Int16) { appendInteger(element) }
    package mutating func append(_ element: Int32) { appendInteger(element) }
    package mutating func append(_ element: Int64) { appendInteger(element) }

    private mutating func appendInteger(_ element: some FixedWidthInteger) {
        count += 1
        content.appendBigEndian(Int32(element.bitWidth / 8))
        content.appendBigEndian(element)
    }

    package mutating func appendNull() {
        count += 1
        hasNull = true
        content.appendBigEndian(Self.nullLength)
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
    fileprivate mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    fileprivate mutating func replaceBigEndian(at offset: Int, with value: Int32) {
        for index in 0..<4 {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (24 - 8 * index))
        }
    }
}
