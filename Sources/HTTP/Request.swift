/// One whole request as it came: raw bytes, nothing decoded, nothing folded.
package struct Request: Sendable, Equatable {
    package var method: Method
    /// The request target's path, raw: neither percent-decoded nor normalised (RFC 9112 §3.2).
    package var path: [UInt8]
    /// What follows the target's first `?`, raw; empty where there is none.
    package var query: [UInt8]
    package var fields: Fields
    /// The body with its transfer coding undone.
    package var body: [UInt8]
    /// The numeric address of the peer, without its port; nil on a Unix socket.
    package var clientAddress: String?
    /// What the peer's TLS certificate says, verified; nil where it has shown none.
    package var clientCertificate: ClientCertificate?
    /// When the head was complete; deadlines count from here.
    package var receivedAt: ContinuousClock.Instant

    package init(
        method: Method, path: [UInt8], query: [UInt8] = [], fields: Fields = Fields(), body: [UInt8] = [],
        clientAddress: String? = nil, clientCertificate: ClientCertificate? = nil,
        receivedAt: ContinuousClock.Instant = .now
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
        self.clientAddress = clientAddress
        self.clientCertificate = clientCertificate
        self.receivedAt = receivedAt
    }
}

// The path holds the task token and the fields the credentials: neither is to be printed by accident.
extension Request: CustomStringConvertible {
    package var description: String { "\(method.rawValue) (\(fields), \(body.count) bytes)" }
}
