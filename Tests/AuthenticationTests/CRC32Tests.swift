import Testing

@testable import Authentication

@Suite struct CRC32Tests {
    @Test func `the check value of the algorithm's catalogues`() {
        #expect(crc32("123456789".utf8.span) == 0xcbf4_3926)
        #expect(crc32([UInt8]().span) == 0)
    }
}
