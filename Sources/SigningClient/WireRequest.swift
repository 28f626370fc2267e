/// Sends one request and waits for its whole answer, at most until the deadline.
protocol RequestSender {
    func send(_ request: WireRequest, deadline: ContinuousClock.Instant) async -> Result<Answer, CallFailure>
}

/// A request as it is to be sent.
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

    /// A POST to the root as it goes over a connection to the host itself (RFC 9112 §3).
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headers.reduce(64 + body.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 })
        bytes.append(contentsOf: "POST / HTTP/1.1\r\n".utf8)
        for (name, value) in headers {
            for part in [name, ": ", value, "\r\n"] { bytes.append(contentsOf: part.utf8) }
        }
        for part in ["Content-Length: ", String(body.count), "\r\n\r\n"] { bytes.append(contentsOf: part.utf8) }
        bytes.append(contentsOf: body)
        return bytes
    }

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
