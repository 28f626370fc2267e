/// Values side by side as the server takes them in its binary format: a 32-bit length in network order before each, -1
/// for NULL. So are the fields of a tuple in COPY (PostgreSQL documentation, COPY, "Tuples") and the elements of an
/// array.
package struct BinaryTuple: Sendable, Equatable {
    static let nullLength: Int32 = -1

    package private(set) var bytes: [UInt8]

    /// - Parameter capacity: in bytes, about.
    package init(capacity: Int) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    /// - Parameter bytes: those of another tuple, or so it is hoped: see `fields`.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package mutating func append(_ value: [UInt8]?) {
        guard let value else { return appendNull() }
        bytes.appendBigEndian(Int32(clamping: value.count))
        bytes += value
    }

    // Concrete, since a generic one would be called unspecialised from other modules: four times a row.
    package mutating func append(_ value: Int16) { appendInteger(value) }
    package mutating func append(_ value: Int32) { appendInteger(value) }
    package mutating func append(_ value: Int64) { appendInteger(value) }

    package mutating func append(_ value: Bool) {
        bytes.appendBigEndian(Int32(1))
        bytes.append(value ? 1 : 0)
    }

    package mutating func append(_ value: String) {
        bytes.appendBigEndian(Int32(clamping: value.utf8.count))
        bytes += value.utf8
    }

    /// - Parameter microseconds: of a `timestamptz`, since 1970-01-01T00:00:00Z.
    package mutating func append(timestamp microseconds: Int64) {
        appendInteger(microseconds &- Self.timestampEpoch)
    }

    /// 2000-01-01T00:00:00Z, from which the server counts, in microseconds since 1970.
    private static let timestampEpoch: Int64 = 946_684_800_000_000
    static let lengthBytes = 4

    package mutating func appendNull() {
        bytes.appendBigEndian(Self.nullLength)
    }

    private mutating func appendInteger(_ value: some FixedWidthInteger) {
        bytes.appendBigEndian(Int32(value.bitWidth / 8))
        bytes.appendBigEndian(value)
    }

    /// Where each field is, its length before it included.
    /// - Parameter count: how many there are to be.
    /// - Returns: nil where the bytes are not so many fields.
    package func fields(count: Int) -> [Range<Int>]? {
        var fields: [Range<Int>] = []
        fields.reserveCapacity(count)
        var start = 0
        while start < bytes.count, fields.count < count {
            guard bytes.count - start >= 4 else { return nil }
            let length = Int(bytes.bigEndianInt32(at: start))
            guard length >= Int(Self.nullLength) else { return nil }
            let end = start + 4 + max(length, 0)
            guard end <= bytes.count else { return nil }
            fields.append(start..<end)
            start = end
        }
        return fields.count == count && start == bytes.count ? fields : nil
    }
}

extension [UInt8] {
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }

    fileprivate func bigEndianInt32(at offset: Int) -> Int32 {
        Int32(bitPattern: self[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) })
    }
}
