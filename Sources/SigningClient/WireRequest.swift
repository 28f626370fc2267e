/// A request as it goes to libcurl.
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
    var answerBytesMax = 65_536
    /// Metadata endpoints are on the machine or next to it: no proxy could reach them.
    var usesProxy = true

    /// Whether each header is a line, and will be the one that it seems to be (RFC 9110 §5.5).
    var hasValidHeaders: Bool {
        headers.allSatisfy { name, value in
            !name.isEmpty && name.utf8.allSatisfy { 0x21...0x7E ~= $0 && !":;".utf8.contains($0) }
                && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
        }
    }
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
