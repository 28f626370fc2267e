internal import COpenSSL

/// What a client's certificate says, once its chain is verified.
package struct PeerCertificate: Sendable, Equatable {
    /// As RFC 2253 writes it, `CN=worker-7,O=Example`; bytes that are no printable ASCII are escaped.
    package var subject: String
    /// The subject's alternative names, in their order, up to `alternativeNamesMax`. One with other than printable
    /// ASCII in it is left out: a NUL in the middle would be read differently by whoever reads it.
    package var dnsNames: [String]
    package var uris: [String]

    /// Looked at, of any kind; those after it are left out.
    private static let alternativeNamesMax: Int32 = 100

    package init(subject: String, dnsNames: [String], uris: [String]) {
        self.subject = subject
        self.dnsNames = dnsNames
        self.uris = uris
    }

    /// - Parameter certificate: an X509, alive during the call.
    init(_ certificate: OpaquePointer) {
        subject = unsafe Self.subject(of: certificate)
        dnsNames = unsafe Self.alternativeNames(of: certificate, GEN_DNS)
        uris = unsafe Self.alternativeNames(of: certificate, GEN_URI)
    }

    private static func subject(of certificate: OpaquePointer) -> String {
        guard let bio = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free_all(bio) }
        guard unsafe X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0, copenssl_xn_flag_rfc2253) >= 0
        else {
            return ""
        }
        var bytes = [UInt8](repeating: 0, count: Int(unsafe BIO_ctrl_pending(bio)))
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe BIO_read(bio, $0.baseAddress, Int32($0.count)) }
        return String(decoding: bytes.prefix(max(0, Int(count))), as: UTF8.self)
    }

    private static func alternativeNames(of certificate: OpaquePointer, _ kind: Int32) -> [String] {
        guard let names = unsafe copenssl_subject_alternative_names(certificate) else { return [] }
        defer { unsafe copenssl_general_names_free(names) }
        var texts: [String] = []
        for index in 0..<min(unsafe copenssl_general_name_count(names), alternativeNamesMax) {
            guard let text = unsafe copenssl_general_name_text(names, index, kind) else { continue }
            let bytes = unsafe UnsafeBufferPointer(
                start: ASN1_STRING_get0_data(text), count: Int(ASN1_STRING_length(text)))
            guard unsafe bytes.allSatisfy({ (0x21...0x7e).contains($0) }) else { continue }
            texts.append(unsafe String(decoding: bytes, as: UTF8.self))
        }
        return texts
    }
}
