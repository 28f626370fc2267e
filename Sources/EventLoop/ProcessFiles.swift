internal import CLinux

/// How many of the kernel's clock ticks are a second in the files of /proc.
package func clockTicksPerSecond() -> Int {
    max(1, sysconf(Int32(_SC_CLK_TCK)))
}

/// In bytes.
package func memoryPageSize() -> Int {
    max(1, sysconf(Int32(_SC_PAGESIZE)))
}

/// How many descriptors the process has open; blocking, a microsecond or two for each.
/// - Returns: nil where /proc does not tell.
package func openDescriptorCount() -> Int? {
    guard let directory = unsafe opendir("/proc/self/fd") else { return nil }
    defer { _ = unsafe closedir(directory) }
    // Neither `.` and `..` nor the one that this is read by.
    var count = -3
    while unsafe readdir(directory) != nil { count += 1 }
    return count
}
