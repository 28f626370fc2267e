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
    /// Metadata endpoints are on the machine or next to it: no proxy could reach them.
    var usesProxy = true
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
