import COpenSSL

/// SHA-1 (FIPS 180-4), for names that others have chosen by it; it protects nothing.
package enum SHA1 {
    package static let digestBytes = 20

    /// - Returns: `digestBytes` bytes. Ends the process where libcrypto cannot compute it, as when memory is exhausted.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: digestBytes) { digest, count in
            let succeeded = unsafe EVP_Digest(
                message, message.count, digest.baseAddress, nil, EVP_sha1(), nil)
            guard succeeded == 1 else { fatalError("libcrypto: SHA-1 failed") }
            count = digestBytes
        }
    }
}
