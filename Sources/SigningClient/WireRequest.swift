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

/// Why there is no answer.
package enum CallFailure: Error, Sendable, Equatable {
    /// The deadline passed.
    case timeout
    /// No connection, or one that broke; libcurl's words on it, without secrets.
    case unreachable(String)
    /// The server's certificate could not be verified, or there is nothing to verify it with.
    case untrusted(String)
    case answerTooLarge
    /// Why there are no credentials, without secrets.
    case credentialsUnavailable(String)
}

/// How servers' certificates are judged.
package enum Trust: Sendable, Equatable {
    /// By the machine's own authorities.
    case system
    /// By the authorities in a PEM file.
    case bundle(path: String)
    /// Not at all: whoever is between may read and change everything.
    case nothing
}
