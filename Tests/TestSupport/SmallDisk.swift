import Foundation

/// A file system of a few bytes, in memory, gone with the last reference or the process.
package final class SmallDisk: Sendable {
    private let directory: TemporaryDirectory
    private let teardownKey: Int

    package var path: String { directory.path }

    /// - Returns: nil where this process may mount none.
    package init?(bytes: Int) throws {
        directory = try TemporaryDirectory("hbf-disk")
        let path = directory.path
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
            guard errno == EPERM || errno == EACCES else { throw SupportError.systemCall("mount") }
            return nil
        }
        teardownKey = Teardown.add { umount2(path, Int32(MNT_DETACH)) }
    }

    deinit {
        Teardown.remove(teardownKey)
        umount2(path, Int32(MNT_DETACH))
    }
}
