import Testing

@testable import Authentication

@Suite struct Base62Tests {
    @Test func `every digit comes from as many bytes as every other`() {
        let digits = Base62.digits(from: Array(0...255))
        let bytesOfDigit = Dictionary(grouping: digits) { $0 }.mapValues(\.count)
        #expect(bytesOfDigit.count == 62)
        #expect(bytesOfDigit.values.allSatisfy { $0 == 4 })
    }

    @Test func `its digits are the letters and digits of ASCII`() {
        let digits = Set(Base62.digits(from: Array(0...247)))
        #expect((0...255).filter(Base62.isDigit) == digits.sorted())
        #expect(String(decoding: digits.sorted(), as: UTF8.self).wholeMatch(of: /[0-9]{10}[A-Z]{26}[a-z]{26}/) != nil)
    }

    @Test(
        arguments: [
            (0, "000000"), (1, "000001"), (61, "00000z"), (62, "000010"), (3_421_780_262, "3jZRME"), (.max, "4gfFC3"),
        ] as [(UInt32, String)])
    func `numbers have a fixed width`(value: UInt32, digits: String) {
        #expect(String(decoding: Base62.encode(value, count: 6), as: UTF8.self) == digits)
    }
}
