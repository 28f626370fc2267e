/// A numeric internet address as a value. An IPv4 address is kept as its mapped IPv6 form (RFC 4291 §2.5.5.2), and that
/// form counts as the IPv4 address: whichever way a proxy writes a client, it is the same client.
package struct IPAddress: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    private static let mappedPrefix: UInt64 = 0xFFFF

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(ipv4 bits: UInt32) {
        self.init(high: 0, low: Self.mappedPrefix << 32 | UInt64(bits))
    }

    package var isIPv4: Bool { high == 0 && low >> 32 == Self.mappedPrefix }

    /// Reads `192.0.2.1` or `2001:db8::1` (RFC 4291 §2.2), without brackets, port or zone; nil for anything else.
    package init?(_ text: some Collection<UInt8>) {
        if let bits = Self.ipv4Bits(of: text) {
            self.init(ipv4: bits)
        } else {
            guard text.contains(UInt8(ascii: ":")), let groups = Self.groups(of: text) else { return nil }
            let bits = groups.map(UInt64.init)
            self.init(
                high: bits[0] << 48 | bits[1] << 32 | bits[2] << 16 | bits[3],
                low: bits[4] << 48 | bits[5] << 32 | bits[6] << 16 | bits[7])
        }
    }

    package init?(_ text: String) {
        self.init(text.utf8)
    }

    /// Four decimal numbers without leading zeros, which some read as octal.
    private static func ipv4Bits(of text: some Collection<UInt8>) -> UInt32? {
        var (bits, number): (UInt32, UInt32) = (0, 0)
        var (dots, digits) = (0, 0)
        for byte in text {
            if byte == UInt8(ascii: ".") {
                guard digits > 0, dots < 3 else { return nil }
                bits = bits << 8 | number
                dots += 1
                (number, digits) = (0, 0)
            } else {
                guard byte.isASCIIDigit, digits == 0 || number > 0 else { return nil }
                number = number * 10 + UInt32(byte - UInt8(ascii: "0"))
                guard number <= 255 else { return nil }
                digits += 1
            }
        }
        return dots == 3 && digits > 0 ? bits << 8 | number : nil
    }

    /// The eight groups of an IPv6 address.
    private static func groups(of text: some Collection<UInt8>) -> [UInt16]? {
        let longest = 45  // `ffff:` six times and an IPv4 address
        guard text.count <= longest else { return nil }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        // `::` leaves one empty part in the midst, two at an end, three where it is all there is.
        guard let gap = parts.indices.first(where: { $0 > 0 && parts[$0].isEmpty }) else {
            return parts.first?.isEmpty == true ? nil : groups(parts[...], mayEndInIPv4: true, count: 8)
        }
        guard gap < parts.count - 1 else { return nil }
        var (front, back) = (parts[..<gap], parts[(gap + 1)...])
        if front.count == 1, front[0].isEmpty { front = [] }
        if back.count == 1, back.first?.isEmpty == true { back = [] }
        guard let first = groups(front, mayEndInIPv4: false), let last = groups(back, mayEndInIPv4: true) else {
            return nil
        }
        let missing = 8 - first.count - last.count
        guard missing >= 1 else { return nil }
        return first + Array(repeating: 0, count: missing) + last
    }

    private static func groups(
        _ parts: ArraySlice<some Collection<UInt8>>, mayEndInIPv4: Bool, count: Int? = nil
    ) -> [UInt16]? {
        var groups: [UInt16] = []
        for (index, part) in zip(parts.indices, parts) {
            if mayEndInIPv4, index == parts.indices.last, let bits = ipv4Bits(of: part) {
                groups += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
                continue
            }
            guard (1...4).contains(part.count) else { return nil }
            var group: UInt16 = 0
            for digit in part {
                guard let value = digit.hexadecimalValue else { return nil }
                group = group << 4 | UInt16(value)
            }
            groups.append(group)
        }
        return count == nil || groups.count == count ? groups : nil
    }
}

extension IPAddress: CustomStringConvertible {
    /// The usual form (RFC 5952).
    package var description: String {
        if isIPv4 {
            let bytes = [low >> 24, low >> 16, low >> 8, low].map { String($0 & 0xFF) }
            return bytes.joined(separator: ".")
        }
        let groups = [high, low].flatMap { half in [half >> 48, half >> 32, half >> 16, half].map { $0 & 0xFFFF } }
        let zeros = Self.longestRunOfZeros(groups)
        func text(_ groups: ArraySlice<UInt64>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard zeros.count >= 2 else { return text(groups[...]) }
        return "\(text(groups[..<zeros.lowerBound]))::\(text(groups[zeros.upperBound...]))"
    }

    private static func longestRunOfZeros(_ groups: [UInt64]) -> Range<Int> {
        var (longest, start) = (0..<0, 0)
        for index in groups.indices {
            if groups[index] != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<index + 1
            }
        }
        return longest
    }
}
