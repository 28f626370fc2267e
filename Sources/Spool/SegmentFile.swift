internal import CLinux
internal import EventLoop

/// The segment that is written to. Every call blocks.
final class SegmentFile {
    let number: UInt64
    private let path: String
    private let descriptor: Descriptor
    /// All of them durable.
    private(set) var bytes = 0

    init(number: UInt64, path: String, descriptor: consuming Descriptor) {
        self.number = number
        self.path = path
        self.descriptor = descriptor
    }

    /// Returns when the bytes are durable. After a failure no more may be appended: what a failed sync left unwritten
    /// the kernel may take for written from then on.
    func append(_ bytes: [UInt8]) throws(SystemError) {
        do throws(SystemError) {
            try write(bytes)
            guard fdatasync(descriptor.number) == 0 else { throw SystemError("fdatasync \(path)") }
        } catch {
            // It succeeds or the reader finds an unfinished end: either way nobody was answered for these records.
            _ = ftruncate(descriptor.number, off_t(self.bytes))
            throw error
        }
        self.bytes += bytes.count
    }

    private func write(_ bytes: [UInt8]) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { room in
                unsafe CLinux.write(
                    descriptor.number, room.baseAddress.map { unsafe $0 + written }, room.count - written)
            }
            if count < 0 && currentErrno() != EINTR { throw SystemError("write \(path)") }
            written += max(0, count)
        }
    }
}
