import PostgreSQL
import Testing

struct BinaryArrayTests {
    @Test func `an array has its dimension, its type, its length and its elements`() {
        var array = BinaryArray(of: .text)
        array.append(Array("ab".utf8))
        array.append([])
        #expect(
            array.bytes == [0, 0, 0, 1] + [0, 0, 0, 0] + [0, 0, 0, 25] + [0, 0, 0, 2] + [0, 0, 0, 1]
                + [0, 0, 0, 2, 0x61, 0x62] + [0, 0, 0, 0])
    }

    @Test func `a NULL has length -1 and is announced`() {
        var array = BinaryArray(of: .smallint)
        array.append(Int16(-2))
        array.appendNull()
        #expect(
            array.bytes == [0, 0, 0, 1] + [0, 0, 0, 1] + [0, 0, 0, 21] + [0, 0, 0, 2] + [0, 0, 0, 1]
                + [0, 0, 0, 2, 0xFF, 0xFE] + [0xFF, 0xFF, 0xFF, 0xFF])
    }

    @Test func `an array of no elements has no dimension`() {
        #expect(BinaryArray(of: .uuid).bytes == [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0x0B, 0x86])
    }
}
