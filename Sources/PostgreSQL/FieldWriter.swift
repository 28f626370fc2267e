/// Writes values in the server's binary format, one after another, into memory of a fixed size. What does not fit ends
/// the process, in every build.
@safe package struct FieldWriter {
    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
        unsafe self.buffer = UnsafeMutableRawBufferPointer(buffer)
    }

    // MARK: Fields: a length, and the value. Concrete, since a generic one would be called unspecialised from other
    // modules: four times a row.

    package mutating func append(_ value: Int16) { appendInteger(value) }
    package mutating func append(_ value: Int32) { appendInteger(value) }
    package mutating func append(_ value: Int64) { appendInteger(value) }

    package mutating func append(_ value: Bool) {
        write(Int32(1))
        write(value ? 1 : 0 as UInt8)
    }

    /// - Parameter words: of a `uuid`, the first one first.
    package mutating func append(uuid words: (UInt64, UInt64)) {
        write(Int32(16))
        write(words.0)
        write(words.1)
    }

    /// - Parameter microseconds: of a `timestamptz`, since 1970-01-01T00:00:00Z.
    package mutating func append(timestamp microseconds: Int64) {
        appendInteger(microseconds &- timestampEpoch)
    }

    package mutating func append(_ value: String?) {
        guard var value else { return appendNull() }
        write(Int32(clamping: value.utf8.count))
        value.withUTF8 { unsafe write(UnsafeRawBufferPointer($0)) }
    }

    /// A value's bytes in the type's binary format.
    package mutating func append(_ value: Span<UInt8>) {
        write(Int32(clamping: value.count))
        unsafe value.withUnsafeBytes { unsafe write($0) }
    }

    package mutating func appendNull() {
        write(BinaryTuple.nullLength)
    }

    private mutating func appendInteger<Integer: FixedWidthInteger>(_ value: Integer) {
        write(Int32(MemoryLayout<Integer>.size))
        write(value)
    }

    // MARK: Bytes as they are

    /// In network order.
    mutating func write<Integer: FixedWidthInteger>(_ value: Integer) {
        replace(at: count, with: value)
        count += MemoryLayout<Integer>.size
    }

    func replace<Integer: FixedWidthInteger>(at offset: Int, with value: Integer) {
        unsafe precondition(offset + MemoryLayout<Integer>.size <= buffer.count)
        unsafe buffer.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Integer.self)
    }

    /// Copies a tuple's field with its length.
    /// - Parameter start: where its length is; moved to its end.
    /// - Returns: whether it is NULL.
    mutating func copyField(of tuple: BinaryTuple, at start: inout Int) -> Bool {
        unsafe tuple.bytes.withUnsafeBytes { bytes in
            let valueStart = start + BinaryTuple.lengthBytes
            precondition(valueStart <= bytes.count)
            let length = unsafe Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: start, as: Int32.self))
            let end = valueStart + max(0, Int(length))
            precondition(end <= bytes.count)
            unsafe write(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
            start = end
            return length < 0
        }
    }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) {
        unsafe precondition(count + bytes.count <= buffer.count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
        count += bytes.count
    }
}

/// 2000-01-01T00:00:00Z, from which the server counts, in microseconds since 1970.
private let timestampEpoch: Int64 = 946_684_800_000_000
