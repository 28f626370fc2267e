internal import COpenSSL

/// PEM texts (RFC 7468).
enum PEM {
    /// Hands `body` each certificate; it is freed afterwards.
    /// - Returns: how many there were, at least one.
    @discardableResult
    static func forEachCertificate(
        in text: [UInt8], for part: TLSError.Part, _ body: (_ index: Int, OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) -> Int {
        let bio = try MemoryBIO(text)
        var count = 0
        while let certificate = unsafe PEM_read_bio_X509(bio.pointer, nil, refusePassword, nil) {
            defer { unsafe X509_free(certificate) }
            try unsafe body(count, certificate)
            count += 1
        }
        try checkEnd(part, "certificate", count: count)
        return count
    }

    /// Hands `body` each certificate revocation list; it is freed afterwards.
    static func forEachRevocationList(
        in text: [UInt8], _ body: (OpaquePointer) throws(TLSError) -> Void
    ) throws(TLSError) {
        let bio = try MemoryBIO(text)
        var count = 0
        while let list = unsafe PEM_read_bio_X509_CRL(bio.pointer, nil, refusePassword, nil) {
            defer { unsafe X509_CRL_free(list) }
            try unsafe body(list)
            count += 1
        }
        try checkEnd(.revocationLists, "certificate revocation list", count: count)
    }

    /// Hands `body` the first private key.
    static func withPrivateKey(in text: [UInt8], _ body: (OpaquePointer) throws(TLSError) -> Void) throws(TLSError) {
        let bio = try MemoryBIO(text)
        guard let key = unsafe PEM_read_bio_PrivateKey(bio.pointer, nil, refusePassword, nil) else {
            throw TLSError(.privateKey, "no private key without a password in it")
        }
        defer { unsafe EVP_PKEY_free(key) }
        try unsafe body(key)
    }

    /// Reading ends with an error, which is to be that nothing more begins.
    private static func checkEnd(_ part: TLSError.Part, _ what: String, count: Int) throws(TLSError) {
        let code = ERR_peek_last_error()
        guard count > 0, ERR_GET_LIB(code) == ERR_LIB_PEM, ERR_GET_REASON(code) == PEM_R_NO_START_LINE else {
            throw TLSError(part, count == 0 ? "no \(what) in it" : "after \(count) of them, not a \(what)")
        }
        ERR_clear_error()
    }
}

/// libcrypto would ask at the terminal.
private func refusePassword(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 {
    -1
}

/// A text that libcrypto reads.
@safe private struct MemoryBIO: ~Copyable {
    let pointer: OpaquePointer

    init(_ text: [UInt8]) throws(TLSError) {
        ERR_clear_error()
        guard let pointer = unsafe Self.copy(text) else { throw TLSError(.library, "no memory") }
        unsafe self.pointer = unsafe pointer
    }

    private static func copy(_ text: [UInt8]) -> OpaquePointer? {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return nil }
        var count = 0
        let isCopied = unsafe text.withUnsafeBytes { unsafe BIO_write_ex(bio, $0.baseAddress, $0.count, &count) }
        guard isCopied == 1 || text.isEmpty else {
            unsafe BIO_free_all(bio)
            return nil
        }
        return unsafe bio
    }

    deinit {
        unsafe BIO_free_all(pointer)
    }
}
