/// Writes values in the server's binary format, one after another, into memory of a fixed size. What does not fit ends
/// the process, in every build.
@safe package struct FieldWriter {
    private let buffer: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    /// - Returns: what was written.
    static func bytes(capacity: Int, _ write: (inout FieldWriter) -> Void) -> [UInt8] {
        // An array that is made uninitialised, or of zeros, has its type looked up by the runtime each time: four
        // hundred instructions.
        var bytes: [UInt8] = []
        bytes.append(addingCapacity: capacity) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, count in
                var writer = unsafe FieldWriter(buffer)
                write(&writer)
                count = writer.count
            }
        }
        return bytes
    }

    private init(_ buffer: UnsafeMutableBufferPointer<UInt8>) {
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
        value.withUTF8 { unsafe append(UnsafeRawBufferPointer($0)) }
    }

    /// A value's bytes in the type's binary format.
    package mutating func append(_ value: Span<UInt8>) {
        unsafe value.withUnsafeBytes { unsafe append($0) }
    }

    package mutating func appendNull() {
        write(BinaryTuple.nullLength)
    }

    private mutating func append(_ value: UnsafeRawBufferPointer) {
        write(Int32(clamping: value.count))
        var end = count
        unsafe copy(value, to: &end)
        count = end
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

    private func replace<Integer: FixedWidthInteger>(at offset: Int, with value: Integer) {
        unsafe precondition(offset + MemoryLayout<Integer>.size <= buffer.count)
        unsafe buffer.storeBytes(of: value.bigEndian, toByteOffset: offset, as: Integer.self)
    }

    /// For what `copy` brings.
    mutating func leaveRoom(for bytes: Int) {
        unsafe precondition(bytes >= 0 && count + bytes <= buffer.count)
        count += bytes
    }

    /// Copies bytes to a place that is moved behind them.
    func copy(_ bytes: UnsafeRawBufferPointer, to offset: inout Int) {
        guard let start = unsafe buffer.baseAddress, let source = bytes.baseAddress else { return }
        unsafe precondition(offset >= 0 && offset + bytes.count <= buffer.count)
        unsafe start.advanced(by: offset).copyMemory(from: source, byteCount: bytes.count)
        offset += bytes.count
    }
}

/// 2000-01-01T00:00:00Z, from which the server counts, in microseconds since 1970.
private let timestampEpoch: Int64 = 946_684_800_000_000
