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
    var answerBytesMax = Self.answerBytesMaxDefault
    static let answerBytesMaxDefault = 65_536
    /// Metadata endpoints are on the machine or next to it: no proxy could reach them.
    var usesProxy = true

    /// A POST to the root as it goes over a connection to the host itself (RFC 9112 §3).
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headers.reduce(64 + body.count) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 })
        bytes.append(contentsOf: "POST / HTTP/1.1\r\n".utf8)
        for (name, value) in headers {
            bytes.append(contentsOf: name.utf8)
            bytes.append(contentsOf: ": ".utf8)
            bytes.append(contentsOf: value.utf8)
            bytes.append(contentsOf: "\r\n".utf8)
        }
        bytes.append(contentsOf: "Content-Length: ".utf8)
        bytes.append(contentsOf: String(body.count).utf8)
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        bytes.append(contentsOf: body)
        return bytes
    }

    /// Whether each header is a line, and will be the one that it seems to be (RFC 9110 §5.5).
    var hasValidHeaders: Bool {
        headers.allSatisfy { name, value in
            let (name, value) = (name.utf8.span, value.utf8.span)
            for index in name.indices where !Self.isNameCharacter(name[index]) { return false }
            for index in value.indices where !Self.isValueCharacter(value[index]) { return false }
            return !name.isEmpty
        }
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        0x21...0x7E ~= byte && byte != UInt8(ascii: ":") && byte != UInt8(ascii: ";")
    }

    private static func isValueCharacter(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == 0x09
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
