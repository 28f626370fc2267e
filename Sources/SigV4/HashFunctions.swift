/// The two functions that signing needs and this module does not have.
package struct HashFunctions {
    package typealias Digest = (Span<UInt8>) -> InlineArray<32, UInt8>

    package let sha256: Digest
    /// HMAC-SHA-256 with its key already in place, so that a key which signs many requests is prepared once.
    package let hmacSHA256: (_ key: Span<UInt8>) -> Digest

    package init(sha256: @escaping Digest, hmacSHA256: @escaping (_ key: Span<UInt8>) -> Digest) {
        self.sha256 = sha256
        self.hmacSHA256 = hmacSHA256
    }
}
