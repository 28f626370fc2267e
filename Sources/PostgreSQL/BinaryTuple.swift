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

    /// - Parameters:
    ///   - bytes: those of another tuple, or so it is hoped.
    ///   - fieldCount: how many fields there are to be.
    /// - Returns: nil where the bytes are not so many fields.
    package init?(bytes: [UInt8], fieldCount: Int) {
        self.bytes = bytes
        var (start, count) = (0, 0)
        while start < bytes.count, count < fieldCount {
            guard bytes.count - start >= Self.lengthBytes, length(at: start) >= Self.nullLength else { return nil }
            start = endOfField(at: start)
            guard start <= bytes.count else { return nil }
            count += 1
        }
        guard count == fieldCount, start == bytes.count else { return nil }
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

    /// - Parameter words: of a `uuid`, the first one first.
    package mutating func append(uuid words: (UInt64, UInt64)) {
        bytes.appendBigEndian(Int32(16))
        bytes.appendBigEndian(words.0)
        bytes.appendBigEndian(words.1)
    }

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

    /// - Returns: the value of a field that the tuple has; empty for NULL.
    package func field(_ index: Int) -> ArraySlice<UInt8> {
        var start = 0
        for _ in 0..<index { start = endOfField(at: start) }
        return bytes[start..<endOfField(at: start)].dropFirst(Self.lengthBytes)
    }

    /// - Parameter start: where its length is.
    func endOfField(at start: Int) -> Int {
        start + Self.lengthBytes + max(0, Int(length(at: start)))
    }

    private func length(at start: Int) -> Int32 {
        let bytes = bytes.span
        var length: UInt32 = 0
        for index in start..<start + Self.lengthBytes { length = length << 8 | UInt32(bytes[index]) }
        return Int32(bitPattern: length)
    }
}

extension [UInt8] {
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }
}
