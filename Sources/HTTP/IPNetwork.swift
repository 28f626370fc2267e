/// An address and how many of its leading bits count.
package struct IPNetwork: Sendable, Hashable {
    package let address: IPAddress
    /// 0 to 128: those of an IPv4 network count from its mapped IPv6 form's beginning.
    package let prefixBits: Int

    /// Reads an address or a network in CIDR notation (RFC 4632 §3.1).
    /// - Returns: nil for what is neither, or has bits set behind its prefix.
    package init?(_ text: some Collection<UInt8>) {
        let parts = text.split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        let isIPv4 = address.isIPv4 && !parts[0].contains(UInt8(ascii: ":"))
        let bitsMax = isIPv4 ? 32 : 128
        var bits = bitsMax
        if parts.count == 2 {
            guard (1...3).contains(parts[1].count), parts[1].allSatisfy(\.isASCIIDigit),
                let number = Int(String(decoding: parts[1], as: UTF8.self)), number <= bitsMax
            else { return nil }
            bits = number
        }
        self.address = address
        prefixBits = bits + (128 - bitsMax)
        // A slip of the pen in one or the other: 10.0.0.1/8 may mean one host or many.
        guard address.prefix(bits: prefixBits) == address else { return nil }
    }

    package init?(_ text: String) {
        self.init(text.utf8)
    }

    package func contains(_ other: IPAddress) -> Bool {
        other.prefix(bits: prefixBits) == address
    }
}

extension IPAddress {
    /// Whose address it is, where clients are told apart: an IPv6 subscriber has a whole /64 to call from (RFC 6177).
    package var subscriber: IPAddress { isIPv4 ? self : prefix(bits: 64) }

    /// The address with all but its leading bits cleared.
    package func prefix(bits: Int) -> IPAddress {
        let highMask = bits >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(bits))
        let lowMask = bits >= 128 ? UInt64.max : bits <= 64 ? 0 : ~(UInt64.max >> UInt64(bits - 64))
        return IPAddress(high: high & highMask, low: low & lowMask)
    }
}

extension IPNetwork: CustomStringConvertible {
    /// An address alone has no prefix length.
    package var description: String {
        let bits = address.isIPv4 ? prefixBits - 96 : prefixBits
        return prefixBits == 128 ? "\(address)" : "\(address)/\(bits)"
    }
}
