/// What a TLS context is made of: PEM texts.
package struct TLSConfiguration: Sendable {
    package struct ClientAuthentication: Sendable {
        /// The certificates that a client's must lead to.
        package var authorities: [UInt8]
        /// One of each authority in a client's chain; nil: nothing is revoked.
        package var revocationLists: [UInt8]?
        /// Whether a client without a certificate is refused.
        package var isRequired: Bool

        package init(authorities: [UInt8], revocationLists: [UInt8]? = nil, isRequired: Bool) {
            self.authorities = authorities
            self.revocationLists = revocationLists
            self.isRequired = isRequired
        }
    }

    /// The server's own certificate first.
    package var certificateChain: [UInt8]
    package var privateKey: [UInt8]
    /// nil: clients are not asked for certificates.
    package var clientAuthentication: ClientAuthentication?

    package init(
        certificateChain: [UInt8], privateKey: [UInt8], clientAuthentication: ClientAuthentication? = nil
    ) {
        self.certificateChain = certificateChain
        self.privateKey = privateKey
        self.clientAuthentication = clientAuthentication
    }
}
