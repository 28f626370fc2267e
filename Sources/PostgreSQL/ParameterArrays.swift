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
        var lengths: [Int32] = []
        var offsets: [Int?] = []
        lengths.reserveCapacity(elements.count)
        offsets.reserveCapacity(elements.count)
        let capacity = tuples.reduce(elements.count * Self.arrayHeaderBytes + 1) { $0 + $1.bytes.count }
        // An append to an array for each field would take longer than all the rest.
        bytes = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var output = unsafe FieldWriter(buffer)
            /// Where each tuple's next field is.
            var starts = Array(repeating: 0, count: tuples.count)
            for element in elements {
                let start = output.count
                offsets.append(start)
                output.write(Int32(tuples.isEmpty ? 0 : 1))
                let hasNullPlace = output.count
                output.write(Int32(0))
                output.write(element.rawValue)
                if !tuples.isEmpty {
                    output.write(Int32(clamping: tuples.count))
                    output.write(Int32(1))
                }
                var hasNull = false
                for index in tuples.indices where output.copyField(of: tuples[index], at: &starts[index]) {
                    hasNull = true
                }
                if hasNull { output.replace(at: hasNullPlace, with: Int32(1)) }
                lengths.append(Int32(clamping: output.count - start))
            }
            output.write(UInt8(0))
            count = output.count
        }
        (self.lengths, self.offsets) = (lengths, offsets)
    }

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
