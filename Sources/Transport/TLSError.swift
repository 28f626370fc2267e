internal import COpenSSL

/// Why certificates or keys cannot be used.
package struct TLSError: Error, Equatable, CustomStringConvertible {
    package enum Part: Sendable, CaseIterable {
        case certificate
        case privateKey
        case clientAuthorities
        case revocationLists
        /// None of them: libssl itself fails.
        case library
    }

    package let part: Part
    package let description: String

    /// - Parameter what: is followed by what libssl's queue of errors says last, if it says anything.
    init(_ part: Part, _ what: String) {
        self.part = part
        let code = ERR_peek_last_error()
        if code != 0, let reason = unsafe ERR_reason_error_string(code) {
            description = unsafe "\(what): \(String(cString: reason))"
        } else {
            description = what
        }
        ERR_clear_error()
    }
}
