import Testing

@testable import LibCrypto

@Suite struct EllipticCurveTests {
    @Test func `a signature's halves become integers without needless zeros, and positive`() {
        let half = [UInt8](repeating: 0, count: 31)
        #expect(
            EllipticCurve.p256.distinguishedEncoding(ofSignature: half + [1] + half + [0x80])
                == [0x30, 7, 2, 1, 1, 2, 2, 0, 0x80])
        #expect(
            EllipticCurve.p256.distinguishedEncoding(ofSignature: half + [0] + half + [0x7f])
                == [0x30, 6, 2, 1, 0, 2, 1, 0x7f])
    }

    @Test func `the longest signature has a length of two bytes`() {
        let signature = [UInt8](repeating: 0xff, count: 132)
        let encoded = EllipticCurve.p521.distinguishedEncoding(ofSignature: signature)
        #expect(encoded?.prefix(6) == [0x30, 0x81, 138, 2, 67, 0])
        #expect(encoded?.count == 141)
    }

    @Test(arguments: EllipticCurve.allCases) func `any other length is refused`(curve: EllipticCurve) {
        for count in [0, 1, 2 * curve.coordinateBytes - 1, 2 * curve.coordinateBytes + 1] {
            #expect(curve.distinguishedEncoding(ofSignature: [UInt8](repeating: 1, count: count)) == nil)
        }
    }
}
