internal import COpenSSL
internal import LibCrypto

/// How a server does TLS: made once, never changed, shared by all loops. A connection keeps the one it began with.
///
/// TLS 1.2 and 1.3 with forward secrecy and authenticated encryption only, as in Mozilla's "intermediate" (Server Side
/// TLS 5.7), the server choosing.
@safe package final class TLSContext: Sendable {
    private static let cipherList = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")
    private static let cipherSuites = [
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ].joined(separator: ":")
    private static let groups = "X25519:P-256:P-384"
    /// 112 bits: no RSA key under 2048.
    private static let securityLevel: Int32 = 2
    /// Of a client's chain.
    private static let clientCertificateBytesMax = 32_768
    private static let clientChainDepthMax: Int32 = 8

    // An SSL_CTX counts its references atomically, and may be used by several threads once nobody changes it.
    nonisolated(unsafe) let pointer: OpaquePointer
    /// libssl has its address.
    private let ticketKeys: TicketKeys
    /// When the first of the chain's certificates expires, in seconds since 1970.
    package let expiration: Int64

    /// - Parameter ticketKeys: to be the same after a reload, so that clients can still resume.
    /// - Throws: what is wrong with the texts, or that the key is not the certificate's.
    package init(_ configuration: TLSConfiguration, ticketKeys: TicketKeys) throws(TLSError) {
        expiration = try Self.expiration(of: configuration.certificateChain)
        ERR_clear_error()
        guard let pointer = unsafe SSL_CTX_new(TLS_server_method()) else { throw TLSError(.library, "no context") }
        unsafe self.pointer = unsafe pointer
        self.ticketKeys = ticketKeys
        try setProtocol()
        setBehaviour()
        try setCertificate(configuration)
        if let clients = configuration.clientAuthentication { try setClients(clients) }
        try setResumption(configuration.clientAuthentication)
    }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    private static func expiration(of chain: [UInt8]) throws(TLSError) -> Int64 {
        var expiration = Int64.max
        try unsafe PEM.forEachCertificate(in: chain, for: .certificate) { _, certificate in
            expiration = unsafe min(expiration, copenssl_expiration(certificate))
        }
        return expiration
    }

    private func setProtocol() throws(TLSError) {
        unsafe SSL_CTX_set_security_level(pointer, Self.securityLevel)
        guard
            unsafe copenssl_ctx_set_protocols(pointer, TLS1_2_VERSION, TLS1_3_VERSION) == 1
                && SSL_CTX_set_cipher_list(pointer, Self.cipherList) == 1
                && SSL_CTX_set_ciphersuites(pointer, Self.cipherSuites) == 1
                && copenssl_ctx_set_groups(pointer, Self.groups) == 1
        else { throw TLSError(.library, "no ciphers") }
        // Chacha first for a client that has it first: it has no hardware for AES.
        _ = unsafe SSL_CTX_set_options(
            pointer,
            copenssl_op_no_compression | copenssl_op_no_renegotiation | copenssl_op_cipher_server_preference
                | copenssl_op_prioritize_chacha
                // What was decrypted is wiped once it is read.
                | copenssl_op_cleanse_plaintext)
        // The system's configuration file may have set it, and an end without close_notify is not the peer's word.
        _ = unsafe SSL_CTX_clear_options(pointer, copenssl_op_ignore_unexpected_eof)
        unsafe SSL_CTX_set_alpn_select_cb(pointer, selectProtocol, nil)
    }

    private func setBehaviour() {
        // A write may be tried again with the same bytes elsewhere; idle connections keep no buffers; and the chain is
        // what the file says, not what could be put together from the clients' authorities.
        let mode =
            SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
            | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_AUTO_RETRY
        unsafe copenssl_ctx_set_mode(pointer, Int(mode))
        // One receive for a whole record, not one for its header and one for the rest.
        unsafe copenssl_ctx_set_read_ahead(pointer, 1)
        unsafe copenssl_ctx_set_max_cert_list(pointer, Self.clientCertificateBytesMax)
    }

    private func setCertificate(_ configuration: TLSConfiguration) throws(TLSError) {
        try unsafe PEM.forEachCertificate(in: configuration.certificateChain, for: .certificate) {
            (index, certificate) throws(TLSError) in
            let result =
                index == 0
                ? unsafe SSL_CTX_use_certificate(pointer, certificate)
                : unsafe copenssl_ctx_add_chain_certificate(pointer, certificate)
            guard result == 1 else { throw TLSError(.certificate, "certificate \(index + 1) cannot be used") }
        }
        try unsafe PEM.withPrivateKey(in: configuration.privateKey) { (key) throws(TLSError) in
            guard unsafe SSL_CTX_use_PrivateKey(pointer, key) == 1, unsafe SSL_CTX_check_private_key(pointer) == 1
            else {
                throw TLSError(.privateKey, "not the certificate's private key")
            }
        }
    }

    private func setClients(_ clients: TLSConfiguration.ClientAuthentication) throws(TLSError) {
        guard let store = unsafe SSL_CTX_get_cert_store(pointer) else { throw TLSError(.library, "no store") }
        try unsafe PEM.forEachCertificate(in: clients.authorities, for: .clientAuthorities) {
            (index, certificate) throws(TLSError) in
            // The second is the hint by which clients pick a certificate.
            guard unsafe X509_STORE_add_cert(store, certificate) == 1,
                unsafe SSL_CTX_add_client_CA(pointer, certificate) == 1
            else { throw TLSError(.clientAuthorities, "certificate \(index + 1) cannot be used") }
        }
        if let lists = clients.revocationLists {
            try unsafe PEM.forEachRevocationList(in: lists) { (list) throws(TLSError) in
                guard unsafe X509_STORE_add_crl(store, list) == 1 else {
                    throw TLSError(.revocationLists, "a list cannot be used")
                }
            }
            _ = unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
        }
        let mode = SSL_VERIFY_PEER | (clients.isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0)
        unsafe SSL_CTX_set_verify(pointer, mode, nil)
        unsafe SSL_CTX_set_verify_depth(pointer, Self.clientChainDepthMax)
    }

    /// Sessions are kept by the clients, in tickets that any loop can read.
    private func setResumption(_ clients: TLSConfiguration.ClientAuthentication?) throws(TLSError) {
        unsafe copenssl_ctx_set_session_cache_mode(pointer, Int(SSL_SESS_CACHE_OFF))
        _ = unsafe SSL_CTX_set_timeout(pointer, Int(TicketKeys.lifetime.components.seconds))
        // A resumed session brings its client's certificate along, unchecked: sessions from before a change of who is
        // to be believed do not count.
        var believed: [UInt8] = []
        if let clients {
            believed = [clients.isRequired ? 1 : 2] + SHA256.hash(clients.authorities)
            if let lists = clients.revocationLists { believed += SHA256.hash(lists) }
        }
        let context = SHA256.hash(believed)
        let isSet = unsafe context.withUnsafeBufferPointer {
            unsafe SSL_CTX_set_session_id_context(pointer, $0.baseAddress, UInt32($0.count))
        }
        guard
            isSet == 1, unsafe SSL_CTX_set_ex_data(pointer, 0, Unmanaged.passUnretained(ticketKeys).toOpaque()) == 1,
            unsafe copenssl_ctx_set_ticket_key_callback(pointer, useTicketKey) == 1
        else { throw TLSError(.library, "no tickets") }
    }
}

/// ALPN (RFC 7301): HTTP/1.1 or nothing, and a client that offers only others is told so (§3.2).
private func selectProtocol(
    _: OpaquePointer?, _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ selectedCount: UnsafeMutablePointer<UInt8>?, _ offered: UnsafePointer<UInt8>?, _ offeredCount: UInt32,
    _: UnsafeMutableRawPointer?
) -> Int32 {
    guard let offered = unsafe offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
    let offers = unsafe UnsafeBufferPointer(start: offered, count: Int(offeredCount))
    var start = 0
    while start < offers.count {
        let name = unsafe (start + 1)..<min(start + 1 + Int(offers[start]), offers.count)
        if unsafe offers[name].elementsEqual("http/1.1".utf8) {
            unsafe selected?.pointee = unsafe offered + name.lowerBound
            unsafe selectedCount?.pointee = UInt8(name.count)
            return SSL_TLSEXT_ERR_OK
        }
        start = name.upperBound
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
