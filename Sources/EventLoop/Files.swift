internal import CLinux

/// Of one read(2).
private let readBytes = 65_536

/// Reads a whole file, blocking: for start-up and the command line.
/// - Throws: what open(2) or read(2) say; EFBIG where the file is longer than `bytesMax`.
package func readFile(at path: String, bytesMax: Int) throws(SystemError) -> [UInt8] {
    let file = unsafe try Descriptor(clinux_open_for_reading(path), from: "open \(path)")
    // Room for what is there, not for what might be: a limit may be all the memory that there is.
    var chunk = [UInt8](repeating: 0, count: min(readBytes, bytesMax + 1))
    var bytes: [UInt8] = []
    while bytes.count <= bytesMax {
        let count = unsafe chunk.withUnsafeMutableBytes { room in
            unsafe read(file.number, room.baseAddress, room.count)
        }
        if count == 0 { return bytes }
        if count < 0 && currentErrno() != EINTR { throw SystemError("read \(path)") }
        bytes += chunk[..<max(0, count)]
    }
    throw SystemError("read \(path)", code: EFBIG)
}

/// Puts a file of its owner's own in the place of another, whole or not at all; blocking.
package func replaceFile(at path: String, with bytes: [UInt8]) throws(SystemError) {
    let draft = "\(path).\(getpid()).tmp"
    do throws(SystemError) {
        let file = unsafe try Descriptor(clinux_create_private(draft), from: "open \(draft)")
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { room in
                unsafe write(file.number, room.baseAddress.map { unsafe $0 + written }, room.count - written)
            }
            if count < 0 && currentErrno() != EINTR { throw SystemError("write \(draft)") }
            written += max(0, count)
        }
        guard fsync(file.number) == 0 else { throw SystemError("fsync \(draft)") }
        guard unsafe rename(draft, path) == 0 else { throw SystemError("rename \(draft)") }
    } catch {
        _ = unsafe unlink(draft)
        throw error
    }
}

/// Writes one line to a descriptor if it can take it at once.
///
/// A reader that has stopped reading must not stop the service: a line that a full pipe would make wait for is dropped.
/// - Returns: whether the line was written.
package func writeLine(_ line: [UInt8], to descriptor: Int32) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    guard unsafe CLinux.poll(&poll, 1, 0) == 1 else { return false }
    return unsafe line.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) == $0.count }
}
