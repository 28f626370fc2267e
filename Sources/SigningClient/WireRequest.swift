/// A request that libcurl is to send, from the connection to the last byte.
struct WireRequest {
    enum Method: String {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
    }

    var method = Method.post
    var url: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []
    /// Name resolution, TCP and TLS together.
    var connectTimeout = Duration.seconds(1)
    /// No connection of an earlier request: the last one broke.
    var needsNewConnection = false
    var answerBytesMax = Self.answerBytesMaxDefault
    static let answerBytesMaxDefault = 65_536
    /// Metadata endpoints are on the machine or next to it: no proxy could reach them.
    var usesProxy = true

    /// Why a request with a header that is none is not sent.
    static let invalidHeader = "a header of the request is none"

    /// Whether each header is a line, and will be the one that it seems to be (RFC 9110 §5.5).
    var hasValidHeaders: Bool { headers.allSatisfy(isHeader) }
}

func isHeader(_ name: String, _ value: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy(isNameCharacter) && value.utf8.allSatisfy(isValueCharacter)
}

private func isNameCharacter(_ byte: UInt8) -> Bool {
    0x21...0x7E ~= byte && byte != UInt8(ascii: ":") && byte != UInt8(ascii: ";")
}

private func isValueCharacter(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F || byte == 0x09
}

/// How servers' certificates are judged.
public enum Trust: Sendable, Equatable {
    /// By the machine's own authorities.
    case system
    /// By the authorities in a PEM file.
    case bundle(path: String)
    /// Not at all: whoever is between may read and change everything.
    case nothing
}
