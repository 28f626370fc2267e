/// What a client's certificate says; its chain was verified in the TLS handshake.
package struct ClientCertificate: Sendable, Equatable {
    /// As RFC 2253 writes it, in printable ASCII: `CN=worker-7,O=Example`.
    package var subject: String
    /// The subject's alternative names, in printable ASCII.
    package var dnsNames: [String]
    package var uris: [String]

    package init(subject: String, dnsNames: [String] = [], uris: [String] = []) {
        self.subject = subject
        self.dnsNames = dnsNames
        self.uris = uris
    }
}
