import COpenSSL

/// SHA-256 (FIPS 180-4).
package enum SHA256 {
    package static let digestBytes = 32

    package typealias Digest = InlineArray<32, UInt8>

    /// Ends the process where libcrypto cannot compute it, as when memory is exhausted.
    package static func digest(of message: Span<UInt8>) -> Digest {
        var digest = Digest(repeating: 0)
        var bytes = digest.mutableSpan
        unsafe bytes.withUnsafeMutableBufferPointer { digest in
            let succeeded = unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_Digest(message.baseAddress, message.count, digest.baseAddress, nil, algorithm, nil)
            }
            guard succeeded == 1 else { fatalError("libcrypto: SHA-256 failed") }
        }
        return digest
    }

    /// As `digest(of:)`, of `digestBytes` bytes.
    package static func hash(_ message: Span<UInt8>) -> [UInt8] {
        let digest = digest(of: message)
        return digest.indices.map { digest[$0] }
    }

    package static func hash(_ message: [UInt8]) -> [UInt8] { hash(message.span) }

    /// Fetched once: an unfetched `EVP_sha256()` is looked up again by each use, which costs more than a short hash.
    /// Never freed and never changed, so any thread may use it.
    fileprivate nonisolated(unsafe) static let algorithm = unsafe fetchAlgorithm()

    private static func fetchAlgorithm() -> OpaquePointer {
        guard let algorithm = unsafe EVP_MD_fetch(nil, "SHA256", nil) else {
            fatalError("libcrypto: no provider has SHA-256")
        }
        return unsafe algorithm
    }
}

/// SHA-256 for many messages, one after the other: what each hash needs is there from the last one.
///
/// Not Sendable: all go through the one context.
@safe package final class SHA256Hasher {
    package typealias Digest = SHA256.Digest

    private let context: OpaquePointer

    package init() {
        guard let context = unsafe EVP_MD_CTX_new() else { fatalError("libcrypto: no memory") }
        unsafe self.context = unsafe context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    /// Ends the process where libcrypto cannot compute it, as when memory is exhausted.
    package func digest(of message: Span<UInt8>) -> Digest {
        var digest = Digest(repeating: 0)
        var bytes = digest.mutableSpan
        unsafe bytes.withUnsafeMutableBufferPointer { digest in
            let succeeded = unsafe message.withUnsafeBufferPointer { message in
                unsafe EVP_DigestInit_ex2(context, SHA256.algorithm, nil) == 1
                    && EVP_DigestUpdate(context, message.baseAddress, message.count) == 1
                    && EVP_DigestFinal_ex(context, digest.baseAddress, nil) == 1
            }
            guard succeeded else { fatalError("libcrypto: SHA-256 failed") }
        }
        return digest
    }
}
