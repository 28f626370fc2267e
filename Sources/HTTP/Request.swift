/// One whole request as it came: raw bytes, nothing decoded, nothing folded.
///
/// An object, since it goes through many hands: a copy is one reference.
package final class Request: Sendable {
    let head: RequestHead
    /// The body with its transfer coding undone.
    package let body: [UInt8]
    /// The numeric address of the peer, without its port; nil on a Unix socket.
    package let clientAddress: String?
    /// What the peer's TLS certificate says, verified; nil where it has shown none.
    package let clientCertificate: ClientCertificate?
    /// When the head was complete; deadlines count from here.
    package let receivedAt: ContinuousClock.Instant

    init(
        _ head: RequestHead, body: [UInt8], clientAddress: String?, clientCertificate: ClientCertificate?,
        receivedAt: ContinuousClock.Instant
    ) {
        self.head = head
        self.body = body
        self.clientAddress = clientAddress
        self.clientCertificate = clientCertificate
        self.receivedAt = receivedAt
    }

    package convenience init(
        method: Method, path: [UInt8], query: [UInt8] = [], fields: Fields = Fields(), body: [UInt8] = [],
        clientAddress: String? = nil, clientCertificate: ClientCertificate? = nil,
        receivedAt: ContinuousClock.Instant = .now
    ) {
        let head = RequestHead(method: method, path: path, query: query, fields: fields)
        self.init(
            head, body: body, clientAddress: clientAddress, clientCertificate: clientCertificate,
            receivedAt: receivedAt)
    }

    /// - Parameter body: in place of the other's.
    convenience init(_ other: Request, body: [UInt8]) {
        self.init(
            other.head, body: body, clientAddress: other.clientAddress, clientCertificate: other.clientCertificate,
            receivedAt: other.receivedAt)
    }

    package var method: Method { head.method }
    package var fields: Fields { head.fields }

    /// The request target's path, raw: neither percent-decoded nor normalised (RFC 9112 §3.2).
    package var path: ArraySlice<UInt8> { head.path }

    /// What follows the target's first `?`, raw; empty where there is none.
    package var query: [UInt8] { head.query }
}

extension Request: Equatable {
    package static func == (first: Request, second: Request) -> Bool {
        first.method == second.method && first.path == second.path && first.query == second.query
            && first.fields == second.fields && first.body == second.body
            && first.clientAddress == second.clientAddress && first.clientCertificate == second.clientCertificate
            && first.receivedAt == second.receivedAt
    }
}

// The path holds the task token and the fields the credentials: neither is to be printed by accident.
extension Request: CustomStringConvertible {
    package var description: String { "\(method.rawValue) (\(fields), \(body.count) bytes)" }
}
