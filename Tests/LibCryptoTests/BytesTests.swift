import LibCrypto
import Testing

@Suite struct BytesTests {
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        constantTimeEqual(left.span, right.span)
    }

    @Test func `equality looks at every byte and at the length`() {
        let bytes: [UInt8] = Array(0..<32)
        #expect(Self.areEqual(bytes, Array(0..<32)))
        #expect(Self.areEqual([], []))
        #expect(!Self.areEqual(bytes, bytes.dropLast()))
        for position in bytes.indices {
            for bit in 0..<8 {
                var other = bytes
                other[position] ^= 1 << bit
                #expect(!Self.areEqual(bytes, other), "bit \(bit) of byte \(position)")
            }
        }
    }

    @Test func `random bytes come in the number wanted, and never the same`() throws {
        #expect(try randomBytes(0).isEmpty)
        let draws = try (0..<64).map { _ in try randomBytes(16) }
        #expect(draws.allSatisfy { $0.count == 16 })
        #expect(Set(draws).count == draws.count)
    }

    @Test func `more random bytes than libcrypto can count are refused`() {
        #expect(throws: RandomnessUnavailable.self) { try randomBytes(Int(Int32.max) + 1) }
    }

    @Test func `hexadecimal digits are small and two a byte`() {
        #expect(lowercaseHex([]) == "")
        #expect(lowercaseHex([0x00, 0x0f, 0xa0, 0xff]) == "000fa0ff")
    }
}
