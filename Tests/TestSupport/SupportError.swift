import Foundation

/// What went wrong in a test's surroundings, told to the person who reads the failure.
package struct SupportError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// A failed system call; reads `errno`, so nothing may come between.
    static func systemCall(_ name: String) -> SupportError {
        SupportError("\(name): \(systemErrorText(errno))")
    }
}

func systemErrorText(_ number: Int32) -> String {
    String(cString: strerror(number))
}
