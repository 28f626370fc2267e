/// Values side by side as the server takes them in its binary format: a 32-bit length in network order before each, -1
/// for NULL. So are the fields of a tuple in COPY (PostgreSQL documentation, COPY, "Tuples") and the elements of an
/// array.
package struct BinaryTuple: Sendable, Equatable {
    static let nullLength: Int32 = -1
    package static let lengthBytes = 4

    package let bytes: [UInt8]

    /// - Parameter capacity: in bytes; what does not fit ends the process.
    package init(capacity: Int, _ write: (inout FieldWriter) -> Void) {
        bytes = FieldWriter.bytes(capacity: capacity, write)
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

    /// - Returns: the value of a field that the tuple has; empty for NULL.
    package func field(_ index: Int) -> ArraySlice<UInt8> {
        var start = 0
        for _ in 0..<index { start = endOfField(at: start) }
        return bytes[start..<endOfField(at: start)].dropFirst(Self.lengthBytes)
    }

    /// - Parameter body: given each field's number, and the field with its length.
    func forEachField(_ body: (_ index: Int, _ field: UnsafeRawBufferPointer) -> Void) {
        unsafe bytes.withUnsafeBytes { bytes in
            guard var field = bytes.baseAddress else { return }
            var (index, left) = (0, bytes.count)
            while left > 0 {
                precondition(left >= Self.lengthBytes)
                let length = unsafe Int32(bigEndian: field.loadUnaligned(as: Int32.self))
                let count = Self.lengthBytes + max(0, Int(length))
                precondition(left >= count)
                unsafe body(index, UnsafeRawBufferPointer(start: field, count: count))
                unsafe field += count
                (index, left) = (index + 1, left - count)
            }
        }
    }

    /// - Parameter start: where its length is.
    private func endOfField(at start: Int) -> Int {
        start + Self.lengthBytes + max(0, Int(length(at: start)))
    }

    private func length(at start: Int) -> Int32 {
        let bytes = bytes.span
        var length: UInt32 = 0
        for index in start..<start + Self.lengthBytes { length = length << 8 | UInt32(bytes[index]) }
        return Int32(bitPattern: length)
    }
}
