internal import CLinux

/// What changes when a file is written or replaced; asking for it costs less than reading the file.
package struct FileStamp: Sendable, Equatable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    /// Of the content and of the rest, in nanoseconds since 1970.
    private let modifiedAt: Int64
    private let changedAt: Int64

    /// Follows links, which is how a mounted secret is replaced. Blocking.
    /// - Returns: nil where there is no such file, or none that may be seen.
    package init?(at path: String) {
        var status = CLinux.stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modifiedAt = Self.nanoseconds(status.st_mtim)
        changedAt = Self.nanoseconds(status.st_ctim)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
