/// The peers whose word on who their client is counts.
package struct TrustedProxies: Sendable, Equatable {
    private(set) var networks: [IPNetwork] = []
    /// Whether whoever connects by a Unix socket is one of them.
    private(set) var includesUnixSockets = false

    /// Nobody is trusted.
    package init() {}

    /// Reads addresses and networks in CIDR notation (RFC 4632 §3.1), and `unix:` for the peers on Unix sockets,
    /// separated by commas, white space or both.
    /// - Returns: nil where one of them is neither, has bits set behind its prefix, or there is none at all.
    package init?(_ text: String) {
        let entries = text.utf8.split { $0 == UInt8(ascii: ",") || $0 == .space || $0 == .lineFeed }
        for entry in entries {
            if entry.elementsEqual("unix:".utf8) {
                includesUnixSockets = true
            } else {
                guard let network = IPNetwork(entry) else { return nil }
                networks.append(network)
            }
        }
        if entries.isEmpty { return nil }
    }

    package var isEmpty: Bool { networks.isEmpty && !includesUnixSockets }

    /// - Parameter address: nil: the peer is on a Unix socket.
    package func contains(_ address: IPAddress?) -> Bool {
        guard let address else { return includesUnixSockets }
        return networks.contains { $0.contains(address) }
    }

    /// Who sent a request, as far as it can be known: the address nearest to us that is not a trusted proxy's.
    ///
    /// Each proxy appends the address that it was called from to `X-Forwarded-For`, so the list is true from its end
    /// backwards, as long as the proxies there are trusted. What is no address ends the search, for whoever wrote it
    /// may have let a client write all before it.
    /// - Parameter peer: nil: on a Unix socket.
    /// - Returns: nil where `peer` is and nothing better is known.
    package func client(of fields: Fields, peer: IPAddress?) -> IPAddress? {
        var client = peer
        guard contains(client) else { return client }
        for value in fields.values(named: "X-Forwarded-For").reversed() {
            for element in value.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).reversed() {
                guard let address = Self.address(inForwardedElement: element) else { return client }
                client = address
                guard contains(client) else { return client }
            }
        }
        return client
    }

    /// `192.0.2.1`, `2001:db8::1`, and what some proxies write: `192.0.2.1:4711`, `[2001:db8::1]` and
    /// `[2001:db8::1]:4711`.
    private static func address(inForwardedElement element: Substring.UTF8View) -> IPAddress? {
        var text = element.drop { $0 == .space || $0 == .horizontalTab }
        while let last = text.last, last == .space || last == .horizontalTab { text.removeLast() }
        if text.first == UInt8(ascii: "[") {
            guard let end = text.lastIndex(of: UInt8(ascii: "]")) else { return nil }
            let port = text[text.index(after: end)...]
            let address = text[text.index(after: text.startIndex)..<end]
            guard port.isEmpty || isPort(port), address.contains(UInt8(ascii: ":")) else { return nil }
            return IPAddress(address)
        }
        if let colon = text.firstIndex(of: UInt8(ascii: ":")), text.contains(UInt8(ascii: ".")),
            colon == text.lastIndex(of: UInt8(ascii: ":"))
        {
            return isPort(text[colon...]) ? IPAddress(text[..<colon]) : nil
        }
        return IPAddress(text)
    }

    /// - Parameter text: with its colon.
    private static func isPort(_ text: Substring.UTF8View) -> Bool {
        text.first == UInt8(ascii: ":") && (2...6).contains(text.count) && text.dropFirst().allSatisfy(\.isASCIIDigit)
    }
}

extension TrustedProxies: CustomStringConvertible {
    package var description: String {
        (networks.map(\.description) + (includesUnixSockets ? ["unix:"] : [])).joined(separator: ", ")
    }
}
