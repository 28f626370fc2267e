/// The fields that decide how the message and the connection are read; all others are the handlers'.
struct ControlFields: Sendable {
    private(set) var host: Range<Int>?
    private(set) var expectsContinue = false
    private var contentLength: Int?
    private var isChunked = false
    private var asksClose = false
    private var asksKeepAlive = false

    var framing: BodyFraming {
        if isChunked { return .chunked }
        return contentLength.map { .length($0) } ?? .none
    }

    /// RFC 9112 §9.3; `close` wins over `keep-alive`.
    func keepAlive(minorVersion: Int) -> Bool {
        !asksClose && (minorVersion == 1 || asksKeepAlive)
    }

    mutating func take(
        name: Range<Int>, value: Range<Int>, in bytes: Span<UInt8>, minorVersion: Int
    ) throws(ProtocolError) {
        switch name.count {
        case 4 where bytes.equalsIgnoringCase(name, "host"): try takeHost(value, bytes)
        case 6 where bytes.equalsIgnoringCase(name, "expect"): try takeExpect(value, bytes)
        default: try takeFraming(name: name, value: value, in: bytes, minorVersion: minorVersion)
        }
    }

    /// Those of them that mean something in a response too.
    mutating func takeFraming(
        name: Range<Int>, value: Range<Int>, in bytes: Span<UInt8>, minorVersion: Int
    ) throws(ProtocolError) {
        switch name.count {
        case 10 where bytes.equalsIgnoringCase(name, "connection"): try takeConnection(value, bytes)
        case 14 where bytes.equalsIgnoringCase(name, "content-length"): try takeContentLength(value, bytes)
        case 17 where bytes.equalsIgnoringCase(name, "transfer-encoding"):
            // RFC 9112 §6.1: in HTTP/1.0 its framing is faulty even where it says chunked.
            guard minorVersion == 1 else { throw .malformedRequest }
            try takeTransferEncoding(value, bytes)
        default: break
        }
    }

    /// RFC 9112 §3.2: exactly one, and valid. An http URI has a host (RFC 9110 §4.2.1), so empty is not.
    private mutating func takeHost(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(ProtocolError) {
        guard host == nil, bytes.isAuthority(value) else { throw .malformedRequest }
        host = value
    }

    /// RFC 9110 §10.1.1: there is one expectation, and no other can be met.
    private mutating func takeExpect(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(ProtocolError) {
        guard bytes.equalsIgnoringCase(value, "100-continue") else { throw .expectationFailed }
        expectsContinue = true
    }

    /// RFC 9110 §7.6.1: a list of tokens, in one line or several; empty elements count for nothing (§5.6.1.2).
    private mutating func takeConnection(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(ProtocolError) {
        var rest: Range<Int>? = value
        while let option = bytes.nextElement(of: &rest) {
            guard option.isEmpty || bytes.isToken(option) else { throw .malformedRequest }
            if bytes.equalsIgnoringCase(option, "close") { asksClose = true }
            if bytes.equalsIgnoringCase(option, "keep-alive") { asksKeepAlive = true }
        }
    }

    /// RFC 9110 §8.6: digits, nothing else. A repeated length, equal or not, and one beside Transfer-Encoding are how
    /// requests are smuggled (RFC 9112 §6.3, §11.2): both are refused.
    private mutating func takeContentLength(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(ProtocolError) {
        let digitsMax = 18  // What 64 bits hold, whatever the digits.
        guard contentLength == nil, !isChunked, !value.isEmpty, value.count <= digitsMax else {
            throw .malformedRequest
        }
        var length = 0
        for index in value {
            guard bytes[index].isASCIIDigit else { throw .malformedRequest }
            length = length * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        }
        contentLength = length
    }

    /// RFC 9112 §6.1, §6.3: `chunked`, once, as the last coding; without it the body has no end that can be known.
    /// Other codings before it are well-formed, but not implemented here.
    private mutating func takeTransferEncoding(_ value: Range<Int>, _ bytes: Span<UInt8>) throws(ProtocolError) {
        guard contentLength == nil else { throw .malformedRequest }
        var rest: Range<Int>? = value
        var others = 0
        while let coding = bytes.nextElement(of: &rest) {
            if bytes.equalsIgnoringCase(coding, "chunked") {
                guard !isChunked else { throw .malformedRequest }
                isChunked = true
            } else {
                let name = codingName(coding, bytes)
                guard !isChunked, bytes.isToken(name), !bytes.equalsIgnoringCase(name, "chunked") else {
                    throw .malformedRequest
                }
                others += 1
            }
        }
        guard isChunked else { throw .malformedRequest }
        if others > 0 { throw .notImplemented }
    }

    /// The name of a coding, which parameters may follow (RFC 9112 §7).
    private func codingName(_ coding: Range<Int>, _ bytes: Span<UInt8>) -> Range<Int> {
        guard let semicolon = bytes.firstIndex(of: UInt8(ascii: ";"), in: coding) else { return coding }
        return bytes.trimmed(coding.lowerBound..<semicolon)
    }
}
