/// How the length of a request's body is known (RFC 9112 §6.3).
package enum BodyFraming: Sendable, Equatable {
    /// Neither Content-Length nor Transfer-Encoding: the body is empty.
    case none
    case length(Int)
    case chunked
}

/// The request line and the fields of one request, checked: what of them decides about the message is decided here.
package struct RequestHead: Sendable, Equatable {
    package var method: Method
    /// Where `Request.path` is in the bytes of the fields; `*` stands there as it came.
    var pathRange: Range<Int>
    /// Where `Request.query` is there.
    var queryRange: Range<Int>?
    /// Their bytes are those of the whole head.
    package var fields: Fields
    /// HTTP/1.0 or HTTP/1.1: 0 or 1.
    package var minorVersion: Int
    /// Where host and port stand in the bytes parsed: in an absolute-form target, which wins over Host (RFC 9112
    /// §3.2.2), else in Host; nil in HTTP/1.0 without either.
    package var authority: Range<Int>?
    package var framing: BodyFraming
    /// Whether the client lets the connection persist (RFC 9112 §9.3).
    package var keepAlive: Bool
    /// Whether the client waits for a 100 before it sends the body (RFC 9110 §10.1.1).
    package var expectsContinue: Bool
    /// Bytes of the head, the leading empty lines and the closing one included.
    package var length: Int

    package var path: ArraySlice<UInt8> { fields.bytes[pathRange] }
    package var query: [UInt8] { queryRange.map { Array(fields.bytes[$0]) } ?? [] }
}

extension RequestHead {
    /// A head that nobody has sent.
    init(method: Method, path: [UInt8], query: [UInt8], fields: Fields) {
        let (start, middle) = (fields.bytes.count, fields.bytes.count + path.count)
        self.init(
            method: method, pathRange: start..<middle, queryRange: middle..<middle + query.count,
            fields: Fields(bytes: fields.bytes + path + query, entries: fields.entries), minorVersion: 1,
            authority: nil, framing: .none, keepAlive: true, expectsContinue: false, length: 0)
    }
}

// The path holds the task token and the fields the credentials: neither is to be printed by accident.
extension RequestHead: CustomStringConvertible {
    package var description: String { "\(method.rawValue) (\(fields), \(framing))" }
}
