import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    package static let digestBytes = 32

    /// - Returns: `digestBytes` bytes. Ends the process where libcrypto cannot compute it, as when memory is exhausted.
    package static func hash(_ message: Span<UInt8>) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: digestBytes) { digest, count in
            let succeeded = unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_Digest(message.baseAddress, message.count, digest.baseAddress, nil, algorithm, nil)
            }
            guard succeeded == 1 else { fatalError("libcrypto: SHA-256 failed") }
            count = digestBytes
        }
    }

    /// The same, not on the heap.
    package static func digest(_ message: Span<UInt8>) -> InlineArray<32, UInt8> {
        var digest = InlineArray<32, UInt8>(repeating: 0)
        var span = digest.mutableSpan
        let succeeded = unsafe message.withUnsafeBufferPointer { message in
            unsafe span.withUnsafeMutableBufferPointer { digest in
                unsafe EVP_Digest(message.baseAddress, message.count, digest.baseAddress, nil, algorithm, nil)
            }
        }
        guard succeeded == 1 else { fatalError("libcrypto: SHA-256 failed") }
        return digest
    }

    package static func hash(_ message: [UInt8]) -> [UInt8] { hash(message.span) }

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
