/// `method SP request-target SP HTTP-version` (RFC 9112 §3).
struct RequestLine: Sendable {
    private static let versionBytes = 8

    let method: Method
    let target: RequestTarget
    let minorVersion: Int

    /// One space between the parts, none elsewhere: white space is where two recipients split a line differently.
    ///
    /// A version of another family is told before anything else, so that a client that opens with HTTP/2 learns why.
    init(_ line: Range<Int>, in bytes: Span<UInt8>) throws(ProtocolError) {
        let second = line.upperBound - Self.versionBytes - 1
        guard let first = bytes.firstIndex(of: .space, in: line), first + 1 < second, bytes[second] == .space,
            bytes.isToken(line.lowerBound..<first)
        else { throw .malformedRequest }
        let target = RequestTarget(first + 1..<second, in: bytes)
        if target == nil, bytes.firstIndex(of: .space, in: first + 1..<second) != nil { throw .malformedRequest }
        minorVersion = try bytes.minorVersion(second + 1..<line.upperBound)
        guard let method = Method(line.lowerBound..<first, in: bytes) else { throw .notImplemented }
        guard let target, method == .options || !target.isAsterisk else { throw .malformedRequest }
        self.method = method
        self.target = target
    }
}

/// The forms of RFC 9112 §3.2 but CONNECT's, reduced to what a route needs: ranges of the bytes parsed.
struct RequestTarget: Sendable {
    /// Empty in an absolute-form target that has none.
    let path: Range<Int>
    /// Behind the first `?`; nil where there is none.
    let query: Range<Int>?
    /// Of an absolute-form target.
    let authority: Range<Int>?
    /// Whether this is `*`, as only OPTIONS may have it.
    let isAsterisk: Bool

    /// - Returns: nil where this is none of the forms.
    init?(_ range: Range<Int>, in bytes: Span<UInt8>) {
        isAsterisk = range.count == 1 && bytes[range.lowerBound] == UInt8(ascii: "*")
        guard !isAsterisk, bytes[range.lowerBound] != UInt8(ascii: "/") else {
            guard let (path, query) = Self.pathAndQuery(range, in: bytes) else { return nil }
            (self.path, self.query, authority) = (path, query, nil)
            return
        }
        guard let start = Self.authorityStart(range, in: bytes) else { return nil }
        var end = start
        while end < range.upperBound, bytes[end] != UInt8(ascii: "/"), bytes[end] != UInt8(ascii: "?") { end += 1 }
        guard bytes.isAuthority(start..<end), let (path, query) = Self.pathAndQuery(end..<range.upperBound, in: bytes)
        else { return nil }
        (self.path, self.query, authority) = (path, query, start..<end)
    }

    /// Both are checked character by character (RFC 3986 §3.3, §3.4): a fragment, a backslash, a byte beyond ASCII are
    /// in no URI.
    private static func pathAndQuery(
        _ range: Range<Int>, in bytes: Span<UInt8>
    ) -> (path: Range<Int>, query: Range<Int>?)? {
        if bytes.isPath(range) { return (range, nil) }
        guard let mark = bytes.firstIndex(of: UInt8(ascii: "?"), in: range) else { return nil }
        // A query may have more of its mark in it.
        var start = range.lowerBound
        while let next = bytes.firstIndex(of: UInt8(ascii: "?"), in: start..<range.upperBound) {
            guard bytes.isPath(start..<next) else { return nil }
            start = next + 1
        }
        guard bytes.isPath(start..<range.upperBound) else { return nil }
        return (range.lowerBound..<mark, mark + 1..<range.upperBound)
    }

    private static func authorityStart(_ range: Range<Int>, in bytes: Span<UInt8>) -> Int? {
        for scheme in ["http://", "https://"] {
            let end = range.lowerBound + scheme.utf8.count
            if end <= range.upperBound, bytes.equalsIgnoringCase(range.lowerBound..<end, scheme) { return end }
        }
        return nil
    }
}
