internal import CLinux

/// Reads a whole file, blocking: for start-up and the command line.
/// - Throws: what open(2) or read(2) say; EFBIG where the file is longer than `bytesMax`.
package func readFile(at path: String, bytesMax: Int) throws(SystemError) -> [UInt8] {
    let file = unsafe try Descriptor(clinux_open_for_reading(path), from: "open \(path)")
    var bytes = [UInt8](repeating: 0, count: bytesMax + 1)
    var length = 0
    while length < bytes.count {
        let count = unsafe bytes.withUnsafeMutableBytes { room in
            unsafe read(file.number, room.baseAddress.map { unsafe $0 + length }, room.count - length)
        }
        if count == 0 { return Array(bytes[..<length]) }
        if count < 0 && currentErrno() != EINTR { throw SystemError("read \(path)") }
        length += max(0, count)
    }
    throw SystemError("read \(path)", code: EFBIG)
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
