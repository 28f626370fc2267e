internal import CLinux

/// A system call that failed, by name and `errno`.
package struct SystemError: Error, Equatable, CustomStringConvertible {
    package let call: String
    package let code: Int32

    package init(_ call: String, code: Int32 = currentErrno()) {
        self.call = call
        self.code = code
    }

    package var description: String {
        unsafe "\(call): \(String(cString: strerror(code)))"
    }
}

/// `errno`, which Swift cannot import as the macro that it is.
package func currentErrno() -> Int32 {
    unsafe __errno_location().pointee
}
