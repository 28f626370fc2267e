internal import CLinux
internal import EventLoop

/// The files of a spool, and the lock that keeps other processes from them. Every call blocks.
final class SpoolDirectory {
    private static let lockName = "lock"

    let path: String
    /// To be synced after a change of names.
    private let directory: Descriptor
    /// Locked as long as it is open.
    private let lock: Descriptor

    /// Makes the directory if it is missing, for its owner only; the one above it must be there.
    init(at path: String) throws(SpoolFailure) {
        self.path = path
        do throws(SystemError) {
            try Self.make(path)
            directory = try Self.open(path)
            let lockPath = "\(path)/\(Self.lockName)"
            lock = unsafe try Descriptor(clinux_open_lock(lockPath), from: "open \(lockPath)")
            if flock(lock.number, LOCK_EX | LOCK_NB) != 0 { throw SystemError("flock \(lockPath)") }
        } catch {
            throw error.code == EWOULDBLOCK ? .locked(directory: path) : .disk("\(error)")
        }
    }

    private static func make(_ path: String) throws(SystemError) {
        guard unsafe mkdir(path, 0o700) == 0 else {
            if currentErrno() == EEXIST { return }
            throw SystemError("mkdir \(path)")
        }
        let parent = unsafe try Descriptor(clinux_open_directory("\(path)/.."), from: "open \(path)/..")
        guard fsync(parent.number) == 0 else { throw SystemError("fsync \(path)/..") }
    }

    private static func open(_ path: String) throws(SystemError) -> Descriptor {
        unsafe try Descriptor(clinux_open_directory(path), from: "open \(path)")
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// In no order.
    func names() throws(SystemError) -> [String] {
        guard let stream = unsafe opendir(path) else { throw SystemError("opendir \(path)") }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            names.append(unsafe String(cString: clinux_entry_name(entry)))
        }
        return names
    }

    // MARK: Segments

    /// Makes a segment with its header; it is there after a crash too once this has returned.
    func create(_ number: UInt64) throws(SystemError) -> SegmentFile {
        let path = file(SegmentName.name(of: number))
        let created = unsafe try Descriptor(clinux_create_new(path), from: "open \(path)")
        do throws(SystemError) {
            let segment = SegmentFile(number: number, path: path, descriptor: created)
            try segment.append(Segment.header)
            guard fsync(directory.number) == 0 else { throw SystemError("fsync \(self.path)") }
            return segment
        } catch {
            _ = unsafe unlink(path)
            throw error
        }
    }

    /// - Returns: what can be read of it, and why no more can be.
    func read(_ number: UInt64) throws(SystemError) -> (bytes: [UInt8], fault: String?) {
        let path = file(SegmentName.name(of: number))
        let segment = unsafe try Descriptor(clinux_open_for_reading(path), from: "open \(path)")
        var status = CLinux.stat()
        guard unsafe fstat(segment.number, &status) == 0 else { throw SystemError("fstat \(path)") }
        let size = min(max(0, Int(status.st_size)), Segment.bytesMax)
        var fault = Int(status.st_size) > size ? "it has more than \(Segment.bytesMax) bytes" : nil
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { room, length in
            while length < size {
                let count = unsafe CLinux.read(
                    segment.number, room.baseAddress.map { unsafe $0 + length }, size - length)
                if count < 0 && currentErrno() == EINTR { continue }
                if count < 0 { fault = "\(SystemError("read"))" }
                if count <= 0 { return }
                length += count
            }
        }
        return (bytes, fault)
    }

    func cut(_ number: UInt64, to bytes: Int) throws(SystemError) {
        let path = file(SegmentName.name(of: number))
        guard unsafe truncate(path, off_t(bytes)) == 0 else { throw SystemError("truncate \(path)") }
    }

    /// A crash may bring it back: then it is replayed again.
    func delete(_ number: UInt64) throws(SystemError) {
        let path = file(SegmentName.name(of: number))
        guard unsafe unlink(path) == 0 else { throw SystemError("unlink \(path)") }
    }

    /// Gives a segment a name under which it is left alone, and takes no other file's.
    /// - Returns: the new name, with the directory.
    func setAside(_ number: UInt64) throws(SystemError) -> String {
        let path = file(SegmentName.name(of: number))
        let aside = file(SegmentName.digits(of: number))
        var new = aside + SegmentName.asideSuffix
        var count = 1
        while unsafe access(new, F_OK) == 0 {
            count += 1
            new = "\(aside).\(count)\(SegmentName.asideSuffix)"
        }
        guard unsafe rename(path, new) == 0 else { throw SystemError("rename \(path)") }
        return new
    }
}
