/// Why a message cannot be served at all. Each ends the connection once it is answered.
package enum ProtocolError: Error, Sendable, Hashable, CaseIterable {
    /// 400: the bytes are not an HTTP/1.1 request.
    case malformedRequest
    /// 408: the head or the body did not arrive in time.
    case requestTimeout
    /// 411: content is required, but came with neither Content-Length nor Transfer-Encoding. That is a route's to say:
    /// a request without either is well-formed and its body empty (RFC 9112 §6.3), so the parser never does.
    case lengthRequired
    /// 413: the body is over its limit.
    case contentTooLarge
    /// 414: the request line is over its limit.
    case uriTooLong
    /// 417: an expectation other than `100-continue`.
    case expectationFailed
    /// 431: the header section is over its limit, in bytes or in fields.
    case requestHeaderFieldsTooLarge
    /// 501: an unknown method or transfer coding.
    case notImplemented
    /// 505: not HTTP/1.0 or HTTP/1.1.
    case httpVersionNotSupported
}
