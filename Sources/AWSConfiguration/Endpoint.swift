/// Where a service is called.
public struct Endpoint: Sendable, Equatable {
    /// `scheme://host[:port]/`.
    public let url: String
    /// As the `Host` header has it: without the scheme's own port.
    public let host: String

    /// AWS's own, by its host's name.
    init(awsHost: String) {
        host = awsHost
        url = "https://\(awsHost)/"
    }

    /// What `init(url:)` takes, for an operator.
    public static let form = "http:// or https://, a host and perhaps a port, without a path, query or user"

    /// An endpoint of one's own, as `AWS_ENDPOINT_URL_SWF` gives it.
    /// - Returns: nil where it is not `http` or `https`, a host, perhaps a port, and no path, query or user.
    public init?(url text: String) {
        let schemes = [("https://", ":443"), ("http://", ":80")]
        guard let (scheme, ownPort) = schemes.first(where: { text.lowercased().hasPrefix($0.0) }) else { return nil }
        var authority = text.dropFirst(scheme.count)
        if authority.hasSuffix("/") { authority.removeLast() }
        guard Self.isAuthority(authority) else { return nil }
        url = "\(scheme)\(authority)/"
        host = authority.hasSuffix(ownPort) ? String(authority.dropLast(ownPort.count)) : String(authority)
    }

    /// The host alone, for those who name it.
    package var hostName: String {
        guard let colon = host.lastIndex(of: ":"), host.last != "]" else { return host }
        return String(host[..<colon])
    }

    private static func isAuthority(_ text: Substring) -> Bool {
        var host = text
        if let colon = text.lastIndex(of: ":"), text.last != "]" {
            let port = text[text.index(after: colon)...]
            guard port.utf8.allSatisfy(isDigit), let number = UInt16(port), number > 0 else { return false }
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.utf8.dropFirst().dropLast()
            return !address.isEmpty && address.allSatisfy(isAddressCharacter)
        }
        return !host.isEmpty && host.utf8.allSatisfy(isNameCharacter)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isAddressCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: ":"),
            UInt8(ascii: "."):
            true
        default: isDigit(byte)
        }
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"),
            UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: isDigit(byte)
        }
    }
}
