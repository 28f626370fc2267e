/// The PROXY protocol, versions 1 and 2: what a proxy sends before all else to say whom it speaks for
/// (https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, §2).
package struct ProxyHeader: Sendable, Equatable {
    package enum Result: Sendable, Equatable {
        case partial
        case bad
        case header(ProxyHeader)
    }

    /// A whole header of version 1 with its CRLF (§2.1).
    package static let version1BytesMax = 107
    /// A whole header of version 2. Its length field could announce 65,551; what proxies append to the addresses, their
    /// own client's TLS certificate's name included, takes some hundred.
    package static let version2BytesMax = 4096

    /// Who has called the proxy; nil where it speaks for itself (`LOCAL`), or does not know (`UNKNOWN`, `UNSPEC`), or
    /// was called by a Unix socket: then the peer is the client.
    package let client: IPAddress?
    /// Bytes of the header.
    package let length: Int

    /// - Parameter bytes: all that came since the connection's start: every time the same and more of it.
    package static func parse(_ bytes: Span<UInt8>) -> Result {
        guard !bytes.isEmpty else { return .partial }
        return bytes[0] == UInt8(ascii: "P") ? version1(bytes) : version2(bytes)
    }

    // MARK: Version 1

    private static func version1(_ bytes: Span<UInt8>) -> Result {
        let start = Array("PROXY ".utf8)
        for index in 0..<min(start.count, bytes.count) where bytes[index] != start[index] { return .bad }
        let end = min(bytes.count, version1BytesMax)
        guard let lineFeed = bytes.firstIndex(of: .lineFeed, in: 0..<end) else {
            return bytes.count < version1BytesMax ? .partial : .bad
        }
        guard lineFeed > start.count, bytes[lineFeed - 1] == .carriageReturn else { return .bad }
        let text = bytes.copy(start.count..<lineFeed - 1)
        let words = text.split(separator: .space, omittingEmptySubsequences: false)
        let length = lineFeed + 1
        // Whatever follows it is to be ignored (§2.1).
        if words[0].elementsEqual("UNKNOWN".utf8) { return .header(ProxyHeader(client: nil, length: length)) }
        let isIPv4 = words[0].elementsEqual("TCP4".utf8)
        guard words.count == 5, isIPv4 || words[0].elementsEqual("TCP6".utf8), isPort(words[3]), isPort(words[4]),
            let client = address(words[1], isIPv4: isIPv4), address(words[2], isIPv4: isIPv4) != nil
        else { return .bad }
        return .header(ProxyHeader(client: client, length: length))
    }

    private static func address(_ text: ArraySlice<UInt8>, isIPv4: Bool) -> IPAddress? {
        text.contains(UInt8(ascii: ":")) == isIPv4 ? nil : IPAddress(text)
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard (1...5).contains(text.count), text.count == 1 || text.first != UInt8(ascii: "0") else { return false }
        var port = 0
        for byte in text {
            guard byte.isASCIIDigit else { return false }
            port = port * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return port <= 65535
    }

    // MARK: Version 2

    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]

    private static func version2(_ bytes: Span<UInt8>) -> Result {
        for index in 0..<min(signature.count, bytes.count) where bytes[index] != signature[index] { return .bad }
        let fixedLength = 16
        guard bytes.count >= fixedLength else { return .partial }
        let length = fixedLength + Int(bytes[14]) << 8 + Int(bytes[15])
        guard length <= version2BytesMax else { return .bad }
        guard bytes.count >= length else { return .partial }
        let client: IPAddress?
        switch (bytes[12], bytes[13]) {
        // LOCAL: the addresses are to be ignored (§2.2).
        case (0x20, _): client = nil
        case (0x21, 0x11):
            guard length >= fixedLength + 12 else { return .bad }
            client = IPAddress(ipv4: UInt32(bytes.number(at: 16, bytes: 4)))
        case (0x21, 0x21):
            guard length >= fixedLength + 36 else { return .bad }
            client = IPAddress(high: bytes.number(at: 16, bytes: 8), low: bytes.number(at: 24, bytes: 8))
        // UNSPEC, and a Unix stream, whose addresses are paths.
        case (0x21, 0x00), (0x21, 0x31): client = nil
        default: return .bad
        }
        return .header(ProxyHeader(client: client, length: length))
    }
}

extension Span<UInt8> {
    /// In network byte order.
    fileprivate func number(at start: Int, bytes count: Int) -> UInt64 {
        var number: UInt64 = 0
        for index in start..<start + count { number = number << 8 | UInt64(self[index]) }
        return number
    }
}
