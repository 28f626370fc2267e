/// A URL to fetch keys from: what comes from there decides who is let in, so it is https, or this machine itself.
package struct KeyServerURL: Sendable, Equatable {
    package static let bytesMax = 2048

    package let text: String
    package let isHTTPS: Bool

    /// Nil where it is no such URL.
    package init?(_ text: String) {
        guard text.utf8.count <= Self.bytesMax, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }),
            // Readers of URLs do not agree on it.
            !text.utf8.contains(UInt8(ascii: "\\")), !text.utf8.contains(UInt8(ascii: "#"))
        else { return nil }
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: text.hasPrefix) else { return nil }
        let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
        // What would stand before an @ is a password, or there to deceive.
        guard !authority.isEmpty, !authority.contains("@") else { return nil }
        isHTTPS = scheme == schemes[0]
        guard isHTTPS || Self.isLoopback(authority) else { return nil }
        self.text = text
    }

    private static func isLoopback(_ authority: Substring) -> Bool {
        if authority == "[::1]" || authority.hasPrefix("[::1]:") { return true }
        let host = authority.prefix { $0 != ":" }
        if host == "localhost" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil)
    }
}
