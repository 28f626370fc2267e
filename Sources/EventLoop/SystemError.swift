internal import CLinux

/// A system call that failed, by name and `errno`.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    public let call: String
    public let code: Int32

    package init(_ call: String, code: Int32 = currentErrno()) {
        self.call = call
        self.code = code
    }

    /// Whether there is no such file.
    package var isNotFound: Bool { code == ENOENT || code == ENOTDIR }

    public var description: String {
        unsafe "\(call): \(String(cString: strerror(code)))"
    }
}

/// `errno`, which Swift cannot import as the macro that it is.
package func currentErrno() -> Int32 {
    unsafe __errno_location().pointee
}
