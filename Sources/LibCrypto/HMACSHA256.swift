import COpenSSL

/// HMAC-SHA-256 under one key (RFC 2104), which is prepared once and can authenticate any number of messages.
///
/// Not Sendable: each message goes through the one context. libcrypto wipes the key when it is released.
@safe package final class HMACSHA256 {
    package typealias Code = InlineArray<32, UInt8>

    private let context: OpaquePointer

    package init(key: Span<UInt8>) {
        guard let context = unsafe EVP_MAC_CTX_new(Self.algorithm) else { fatalError("libcrypto: HMAC failed") }
        unsafe self.context = unsafe context
        let succeeded = unsafe key.withUnsafeBufferPointer { key in
            unsafe copenssl_hmac_sha256_init(context, key.baseAddress, key.count)
        }
        guard succeeded == 1 else { fatalError("libcrypto: HMAC failed") }
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    /// Ends the process where libcrypto cannot compute the code, as when memory is exhausted.
    package func code(of message: Span<UInt8>) -> Code {
        var code = Code(repeating: 0)
        var bytes = code.mutableSpan
        unsafe bytes.withUnsafeMutableBufferPointer { code in
            var count = 0
            let succeeded = unsafe message.withUnsafeBufferPointer { message in
                // No key: begin again with the present one.
                unsafe EVP_MAC_init(context, nil, 0, nil) == 1
                    && EVP_MAC_update(context, message.baseAddress, message.count) == 1
                    && EVP_MAC_final(context, code.baseAddress, &count, code.count) == 1
            }
            guard succeeded, count == code.count else { fatalError("libcrypto: HMAC failed") }
        }
        return code
    }

    /// Fetched once and never freed or changed, so any thread may use it.
    private nonisolated(unsafe) static let algorithm = unsafe fetchAlgorithm()

    private static func fetchAlgorithm() -> OpaquePointer {
        guard let algorithm = unsafe EVP_MAC_fetch(nil, "HMAC", nil) else {
            fatalError("libcrypto: no provider has HMAC")
        }
        return unsafe algorithm
    }
}
