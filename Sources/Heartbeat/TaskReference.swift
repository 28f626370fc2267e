internal import JSON

/// By what a task is looked up in the audit table, which has only its token's SHA-256: by that, or by the token.
package enum TaskReference: Sendable, Equatable {
    case token(TaskToken)
    /// 32 bytes.
    case sha256([UInt8])

    private static let hashPrefix = "sha256:"
    private static let hashDigits = 64

    /// `sha256:` with 64 hexadecimal digits is a hash, which stays whole where a proxy rewrites slashes and is no
    /// secret in its log; all else is a token. No token begins like that: base64 has no colon.
    /// - Throws: `.invalidRequest`, without a trace of the token.
    package init(_ token: TaskToken) throws(Problem) {
        guard token.secret.hasPrefix(Self.hashPrefix) else {
            self = .token(token)
            return
        }
        let digits = token.secret.utf8.dropFirst(Self.hashPrefix.utf8.count).map(\.hexadecimalDigit)
        let values = digits.compactMap(\.self)
        guard digits.count == Self.hashDigits, values.count == digits.count else {
            throw Problem(.invalidRequest, "After sha256: come the \(Self.hashDigits) hexadecimal digits of the hash.")
        }
        self = .sha256(stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] })
    }
}
