import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    package static let digestBytes = 32
    /// A hash where an array of its own would cost more than the hashing.
    package typealias Digest = InlineArray<32, UInt8>

    /// - Returns: `digestBytes` bytes. Ends the process where libcrypto cannot compute it, as when memory is exhausted.
    package static func hash(_ message: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: digestBytes) { digest, count in
            unsafe hash(message, into: digest)
            count = digestBytes
        }
    }

    package static func hash(_ message: [UInt8]) -> [UInt8] { hash(message.span) }

    /// See `hash`.
    package static func digest(of message: Span<UInt8>) -> Digest {
        var digest = Digest(repeating: 0)
        var bytes = digest.mutableSpan
        unsafe bytes.withUnsafeMutableBufferPointer { unsafe hash(message, into: $0) }
        return digest
    }

    private static func hash(_ message: Span<UInt8>, into digest: UnsafeMutableBufferPointer<UInt8>) {
        let succeeded = unsafe message.withUnsafeBufferPointer { message in
            unsafe EVP_Digest(message.baseAddress, message.count, digest.baseAddress, nil, algorithm, nil)
        }
        guard succeeded == 1 else { fatalError("libcrypto: SHA-256 failed") }
    }

    /// Fetched once: an unfetched `EVP_sha256()` is looked up again by each use, which costs more than a short hash.
    /// Never freed and never changed, so any thread may use it.
    private nonisolated(unsafe) static let algorithm = unsafe fetchAlgorithm()

    private static func fetchAlgorithm() -> OpaquePointer {
        guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
            fatalError("libcrypto: no provider has SHA-256")
        }
        return unsafe algorithm
    }
}
