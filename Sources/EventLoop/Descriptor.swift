internal import CLinux

/// Owns a file descriptor: closes it when it goes.
package struct Descriptor: ~Copyable {
    package let number: Int32

    /// - Throws: what `errno` says where `number` is negative, as each call that makes a descriptor has it on failure.
    package init(_ number: Int32, from call: String) throws(SystemError) {
        guard number >= 0 else { throw SystemError(call) }
        self.number = number
    }

    /// Gives the descriptor away, open.
    package consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    deinit {
        // EINTR too leaves the descriptor closed on Linux: there is nothing to try again.
        _ = close(number)
    }
}
