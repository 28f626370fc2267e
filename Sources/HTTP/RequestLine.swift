/// `method SP request-target SP HTTP-version` (RFC 9112 §3).
struct RequestLine: Sendable {
    let method: Method
    let target: RequestTarget
    let minorVersion: Int

    /// One space between the parts, none elsewhere: white space is where two recipients split a line differently.
    ///
    /// A version of another family is told before anything else, so that a client that opens with HTTP/2 learns why.
    init(_ line: Range<Int>, in bytes: Span<UInt8>) throws(ProtocolError) {
        guard let first = bytes.firstIndex(of: .space, in: line),
            let second = bytes.firstIndex(of: .space, in: first + 1..<line.upperBound)
        else { throw .malformedRequest }
        let name = line.lowerBound..<first
        guard bytes.isToken(name), second > first + 1 else { throw .malformedRequest }
        minorVersion = try bytes.minorVersion(second + 1..<line.upperBound)
        guard let method = Method.allCases.first(where: { bytes.equals(name, $0.rawValue) }) else {
            throw .notImplemented
        }
        self.method = method
        target = try RequestTarget(first + 1..<second, in: bytes, method: method)
    }
}

/// The forms of RFC 9112 §3.2 but CONNECT's, reduced to what a route needs.
struct RequestTarget: Sendable {
    let path: [UInt8]
    /// See `Request.query`.
    let query: [UInt8]
    /// Of an absolute-form target.
    let authority: Range<Int>?

    init(_ range: Range<Int>, in bytes: Span<UInt8>, method: Method) throws(ProtocolError) {
        if bytes.equals(range, "*") {
            guard method == .options else { throw .malformedRequest }
            (path, query, authority) = (bytes.copy(range), [], nil)
        } else if bytes[range.lowerBound] == UInt8(ascii: "/") {
            (path, query) = try Self.pathAndQuery(range, in: bytes)
            authority = nil
        } else {
            let start = try Self.authorityStart(range, in: bytes)
            var end = start
            while end < range.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
            guard bytes.isAuthority(start..<end) else { throw .malformedRequest }
            let (path, query) = try Self.pathAndQuery(end..<range.upperBound, in: bytes)
            // RFC 9112 §3.2.4: what OPTIONS asks of a URI without path and query, it asks of the whole server.
            let ofServer = method == .options && end == range.upperBound
            self.path = path.isEmpty ? [UInt8(ascii: ofServer ? "*" : "/")] : path
            self.query = query
            authority = start..<end
        }
    }

    /// Both are checked character by character (RFC 3986 §3.3, §3.4): a fragment, a backslash, a byte beyond ASCII are
    /// in no URI.
    private static func pathAndQuery(
        _ range: Range<Int>, in bytes: Span<UInt8>
    ) throws(ProtocolError) -> (path: [UInt8], query: [UInt8]) {
        var query: Int?
        let allowed = ASCIISet.path
        for index in range where !allowed.contains(bytes[index]) {
            guard bytes[index] == UInt8(ascii: "?") else { throw .malformedRequest }
            query = query ?? index
        }
        guard let query else { return (bytes.copy(range), []) }
        return (bytes.copy(range.lowerBound..<query), bytes.copy(query + 1..<range.upperBound))
    }

    private static func authorityStart(_ range: Range<Int>, in bytes: Span<UInt8>) throws(ProtocolError) -> Int {
        for scheme in ["http://", "https://"] {
            let end = range.lowerBound + scheme.utf8.count
            if end <= range.upperBound, bytes.equalsIgnoringCase(range.lowerBound..<end, scheme) { return end }
        }
        throw .malformedRequest
    }
}
