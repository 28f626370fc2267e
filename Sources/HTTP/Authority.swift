extension Span<UInt8> {
    /// Whether this is `host [":" port]` (RFC 3986 §3.2) with a host, and without user information, which
    /// RFC 9110 §4.2.4 wants refused.
    func isAuthority(_ range: Range<Int>) -> Bool {
        guard let end = hostEnd(range), end > range.lowerBound else { return false }
        return end == range.upperBound || self[end] == UInt8(ascii: ":") && isPort(end + 1..<range.upperBound)
    }

    /// The end of the host that `range` begins with; nil where no host can be read there.
    private func hostEnd(_ range: Range<Int>) -> Int? {
        if let first = range.first, self[first] == UInt8(ascii: "[") {
            guard let bracket = firstIndex(of: UInt8(ascii: "]"), in: range),
                isIPv6Address(first + 1..<bracket)
            else { return nil }
            return bracket + 1
        }
        let characters = ASCIISet.name
        var index = range.lowerBound
        while index < range.upperBound, self[index] != UInt8(ascii: ":") {
            if self[index] == UInt8(ascii: "%") {
                guard index + 2 < range.upperBound, self[index + 1].hexadecimalValue != nil,
                    self[index + 2].hexadecimalValue != nil
                else { return nil }
                index += 3
            } else {
                guard characters.contains(self[index]) else { return nil }
                index += 1
            }
        }
        return index
    }

    /// What else RFC 3986 §3.2.2 has between brackets, the address of a version to come, is nobody's yet.
    private func isIPv6Address(_ range: Range<Int>) -> Bool {
        firstIndex(of: UInt8(ascii: ":"), in: range) != nil && IPAddress(copy(range)) != nil
    }

    /// Empty is allowed by the grammar (RFC 3986 §3.2.3).
    private func isPort(_ range: Range<Int>) -> Bool {
        guard range.count <= 5 else { return false }
        var port = 0
        for index in range {
            guard self[index].isASCIIDigit else { return false }
            port = port * 10 + Int(self[index] - UInt8(ascii: "0"))
        }
        return port <= 65535
    }
}
