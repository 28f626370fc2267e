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

    package mutating func append(_ value: [UInt8]?) {
        guard let value else { return appendNull() }
        write(Int32(clamping: value.count))
        write(value, value.indices)
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

    mutating func write(_ bytes: [UInt8], _ range: Range<Int>) {
        unsafe bytes.withUnsafeBytes { bytes in
            precondition(range.upperBound <= bytes.count)
            unsafe write(UnsafeRawBufferPointer(rebasing: bytes[range]))
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
