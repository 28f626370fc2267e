import PostgreSQL
import Testing

struct BinaryTupleTests {
    @Test func `a tuple's bytes are its fields, or they are none`() {
        let tuple = BinaryTuple(capacity: 100) { tuple in
            tuple.append(Int32(7))
            tuple.append("é")
            tuple.appendNull()
            tuple.append(true)
            tuple.append(Int64(-1))
        }
        let bytes = tuple.bytes
        #expect(BinaryTuple(bytes: bytes, fieldCount: 5) == tuple)
        #expect(
            (0..<5).map { Array(tuple.field($0)) }
                == [[0, 0, 0, 7], Array("é".utf8), [], [1], Array(repeating: 0xFF, count: 8)])
        for (bytes, count) in [
            (bytes, 4), (bytes, 6), (bytes + [0], 5), ([0xFF, 0xFF, 0xFF, 0xFE], 1), ([0x7F, 0xFF, 0xFF, 0xFF, 0], 1),
        ] {
            #expect(BinaryTuple(bytes: bytes, fieldCount: count) == nil)
        }
        for end in bytes.indices { #expect(BinaryTuple(bytes: Array(bytes[..<end]), fieldCount: 5) == nil) }
    }

    @Test func `numbers are in network order`() {
        let tuple = BinaryTuple(capacity: 26) { tuple in
            tuple.append(Int16(-2))
            tuple.append(uuid: (0x0102_0304_0506_0708, 0x090A_0B0C_0D0E_0F10))
        }
        #expect(tuple.bytes == [0, 0, 0, 2, 0xFF, 0xFE] + [0, 0, 0, 16] + Array(1...16))
    }
}
