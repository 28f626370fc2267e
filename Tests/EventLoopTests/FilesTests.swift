import EventLoop
import Glibc
import TestSupport
import Testing

struct FilesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory("files")
    }

    /// Around the size of one read(2), and where the limit is.
    @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 200_000])
    func `a file is read whole up to its limit`(length: Int) throws {
        let bytes = (0..<length).map { UInt8($0 % 127 + 1) }
        let path = try directory.write(String(decoding: bytes, as: UTF8.self), to: "file")
        #expect(try readFile(at: path, bytesMax: length) == bytes)
        #expect(try readFile(at: path, bytesMax: 64 << 20) == bytes)
        guard length > 0 else { return }
        let fault = #expect(throws: SystemError.self) { try readFile(at: path, bytesMax: length - 1) }
        #expect(fault?.code == EFBIG)
    }
}
