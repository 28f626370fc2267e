import Testing

@testable import LibCrypto

@Suite struct WipingTests {
    @Test func `bytes are overwritten where they are`() {
        var bytes = [UInt8](1...200)
        let place = bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        wipe(&bytes, 10..<20)
        #expect(bytes == Array(1...10) + Array(repeating: 0, count: 10) + Array(21...200))
        wipe(&bytes)
        #expect(bytes == Array(repeating: 0, count: 200))
        #expect(bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == place)
    }

    @Test func `of nothing there is nothing to overwrite`() {
        var bytes: [UInt8] = []
        wipe(&bytes)
        #expect(bytes.isEmpty)
        bytes = [1]
        wipe(&bytes, 1..<1)
        #expect(bytes == [1])
    }
}
