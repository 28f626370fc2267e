/// The parameters of one statement as libpq takes them: four arrays side by side.
package struct ParameterArrays {
    private let types: [UInt32]
    private let lengths: [Int32]
    private let formats: [Int32]
    /// The values end to end, so that one pointer reaches all; nil is NULL.
    private let bytes: [UInt8]
    private let offsets: [Int?]

    package init(_ parameters: [Parameter]) {
        types = parameters.map(\.type.rawValue)
        lengths = parameters.map { Int32(clamping: $0.bytes?.count ?? 0) }
        formats = parameters.map(\.format.rawValue)
        var bytes: [UInt8] = []
        var offsets: [Int?] = []
        for parameter in parameters {
            offsets.append(parameter.bytes.map { _ in bytes.count })
            bytes += parameter.bytes ?? []
        }
        // An empty array may have no address, and an empty value must not look like NULL.
        bytes.append(0)
        (self.bytes, self.offsets) = (bytes, offsets)
    }

    /// The columns of some tuples, an array each: as a statement takes any number of rows, by `unnest`.
    ///
    /// An array's binary format is of `array_recv` in PostgreSQL's arrayfuncs.c: five 32-bit words in network order
    /// (dimensions, whether there are NULLs, the elements' type, how many there are, lower bound), then the elements
    /// as in a tuple. An array of no elements has no dimensions either.
    /// - Parameters:
    ///   - tuples: each has a field for each of the types.
    ///   - types: of the arrays' elements.
    package init(columnsOf tuples: [BinaryTuple], types elements: [ObjectID]) {
        types = Array(repeating: ObjectID.inferred.rawValue, count: elements.count)
        formats = Array(repeating: Parameter.Format.binary.rawValue, count: elements.count)
        var columns = elements.map { Column(element: $0) }
        var offsets: [Int?] = []
        offsets.reserveCapacity(columns.count)
        let headerBytes = tuples.isEmpty ? Self.emptyArrayBytes : Self.arrayHeaderBytes
        // As an array of its own each of their uses would be preceded by a look at whether it is.
        bytes = unsafe columns.withUnsafeMutableBufferPointer { columns in
            for tuple in tuples {
                unsafe tuple.forEachField { index, field in unsafe columns[index].count(field) }
            }
            let capacity = unsafe columns.reduce(1) { $0 + headerBytes + $1.bytes }
            return FieldWriter.bytes(capacity: capacity) { output in
                for index in columns.indices {
                    offsets.append(output.count)
                    unsafe Self.beginArray(of: tuples.count, &columns[index], in: &output)
                }
                for tuple in tuples {
                    unsafe tuple.forEachField { index, field in unsafe output.copy(field, to: &columns[index].end) }
                }
                output.write(UInt8(0))
            }
        }
        lengths = columns.map { Int32(clamping: headerBytes + $0.bytes) }
        self.offsets = offsets
    }

    /// Writes its header, and leaves room for its elements.
    private static func beginArray(of count: Int, _ column: inout Column, in output: inout FieldWriter) {
        output.write(Int32(count == 0 ? 0 : 1))
        output.write(Int32(column.hasNull ? 1 : 0))
        output.write(column.element.rawValue)
        if count > 0 {
            output.write(Int32(clamping: count))
            output.write(Int32(1))
        }
        column.end = output.count
        output.leaveRoom(for: column.bytes)
    }

    /// What becomes an array.
    private struct Column {
        let element: ObjectID
        /// Of its elements, their lengths included.
        var bytes = 0
        var hasNull = false
        /// Where the next element goes.
        var end = 0

        init(element: ObjectID) {
            self.element = element
        }

        mutating func count(_ field: UnsafeRawBufferPointer) {
            bytes += field.count
            // A length of -1 is the only one that begins so.
            if unsafe field[0] == 0xFF { hasNull = true }
        }
    }

    private static let emptyArrayBytes = 12
    private static let arrayHeaderBytes = 20

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
