import PostgreSQL
import Testing

struct BinaryArrayTests {
    private func array(of type: ObjectID, _ tuple: BinaryTuple, count: Int) -> [UInt8]? {
        guard let fields = tuple.fields(count: count) else { return nil }
        var array = BinaryArray(of: type)
        for field in fields { array.append(field, of: tuple) }
        return array.bytes
    }

    @Test func `an array has its dimension, its type, its length and its elements`() {
        var tuple = BinaryTuple(capacity: 0)
        tuple.append(Array("ab".utf8))
        tuple.append([])
        #expect(
            array(of: .text, tuple, count: 2) == [0, 0, 0, 1] + [0, 0, 0, 0] + [0, 0, 0, 25] + [0, 0, 0, 2]
                + [0, 0, 0, 1] + [0, 0, 0, 2, 0x61, 0x62] + [0, 0, 0, 0])
    }

    @Test func `a NULL has length -1 and is announced`() {
        var tuple = BinaryTuple(capacity: 0)
        tuple.append(Int16(-2))
        tuple.appendNull()
        #expect(
            array(of: .smallint, tuple, count: 2) == [0, 0, 0, 1] + [0, 0, 0, 1] + [0, 0, 0, 21] + [0, 0, 0, 2]
                + [0, 0, 0, 1] + [0, 0, 0, 2, 0xFF, 0xFE] + [0xFF, 0xFF, 0xFF, 0xFF])
    }

    @Test func `an array of no elements has no dimension`() {
        #expect(BinaryArray(of: .uuid).bytes == [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0x0B, 0x86])
    }

    @Test func `a tuple's bytes are its fields, or they are none`() {
        var tuple = BinaryTuple(capacity: 0)
        tuple.append(Int32(7))
        tuple.append("é")
        tuple.appendNull()
        tuple.append(true)
        tuple.append(Int64(-1))
        let bytes = tuple.bytes
        #expect(tuple.fields(count: 5) == [0..<8, 8..<14, 14..<18, 18..<23, 23..<35])
        #expect(tuple.fields(count: 4) == nil && tuple.fields(count: 6) == nil)
        for end in bytes.indices { #expect(BinaryTuple(bytes: Array(bytes[..<end])).fields(count: 5) == nil) }
        #expect(BinaryTuple(bytes: bytes + [0]).fields(count: 5) == nil)
        #expect(BinaryTuple(bytes: [0xFF, 0xFF, 0xFF, 0xFE]).fields(count: 1) == nil)
        #expect(BinaryTuple(bytes: [0x7F, 0xFF, 0xFF, 0xFF, 0]).fields(count: 1) == nil)
    }
}
