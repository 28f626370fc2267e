internal import SigV4

/// The head of one client's requests: written once for all that differ in nothing but their bodies, their ids and the
/// number of the attempt, as signed requests of one second do. For use on the client's loop only.
final class RequestHead {
    /// What the requests have in common.
    struct Content {
        /// Those that are signed, in their order.
        var headers: [(name: String, value: String)]
        /// nil: they go unsigned.
        var signature: PreparedSignature?
        var userAgent: String
        var attemptsMax: Int
    }

    /// What one request has to itself.
    struct Particulars {
        var body: [UInt8]
        var invocationID: InvocationID
        /// From 1 on.
        var attempt: Int
    }

    /// Whether each header is a line, and will be the one that it seems to be (RFC 9110 §5.5).
    let isValid: Bool

    private var content: Content
    /// Up to the invocation's id, with room for the signature and for the id.
    private var beginning: [UInt8]
    private let signatureStart: Int
    private let idStart: Int
    /// From the attempt's number up to the body's length.
    private let ending: [UInt8]

    private static let idName = "amz-sdk-invocation-id"
    private static let attemptName = "amz-sdk-request"

    init(_ content: Content) {
        self.content = content
        var fixed = content.headers
        if let signature = content.signature {
            fixed += signature.added + [(name: "Authorization", value: signature.authorization)]
        }
        isValid = (fixed + [(name: "User-Agent", value: content.userAgent)]).allSatisfy(isHeader)
        var bytes = Array("POST / HTTP/1.1".utf8)
        for (name, value) in fixed { bytes.append(contentsOf: "\r\n\(name): \(value)".utf8) }
        signatureStart = bytes.count
        if content.signature != nil { bytes += [UInt8](repeating: 0, count: Signature.digitCount) }
        bytes.append(contentsOf: "\r\n\(Self.idName): ".utf8)
        idStart = bytes.count
        bytes += [UInt8](repeating: 0, count: InvocationID.digitCount)
        bytes.append(contentsOf: "\r\n\(Self.attemptName): attempt=".utf8)
        beginning = bytes
        ending = Array("; max=\(content.attemptsMax)\r\nUser-Agent: \(content.userAgent)\r\nContent-Length: ".utf8)
    }

    /// A request as it goes over a connection to the host itself (RFC 9112 §3).
    func bytes(of request: Particulars) -> [UInt8] {
        if let signature = content.signature?.signature(of: request.body.span) {
            beginning.overwrite(signature.digits, at: signatureStart)
        }
        beginning.overwrite(request.invocationID.digits, at: idStart)
        let numbersBytesMax = 40
        var bytes: [UInt8] = []
        bytes.reserveCapacity(beginning.count + ending.count + numbersBytesMax + request.body.count)
        bytes.append(contentsOf: beginning)
        bytes.appendDecimal(request.attempt)
        bytes.append(contentsOf: ending)
        bytes.appendDecimal(request.body.count)
        bytes.append(contentsOf: [0x0D, 0x0A, 0x0D, 0x0A])
        bytes.append(contentsOf: request.body)
        return bytes
    }

    /// The same request's headers, but for those that follow from its body.
    func headers(of request: Particulars) -> [(name: String, value: String)] {
        var headers = content.headers
        if let signature = content.signature?.signature(of: request.body.span), let prepared = content.signature {
            headers += prepared.added
            headers.append((name: "Authorization", value: prepared.authorization + signature.text))
        }
        return headers + [
            (name: Self.idName, value: request.invocationID.text),
            (name: Self.attemptName, value: "attempt=\(request.attempt); max=\(content.attemptsMax)"),
            (name: "User-Agent", value: content.userAgent),
        ]
    }
}

extension [UInt8] {
    fileprivate mutating func overwrite<let count: Int>(_ digits: InlineArray<count, UInt8>, at start: Int) {
        var bytes = mutableSpan
        for index in digits.indices { bytes[start + index] = digits[index] }
    }

    fileprivate mutating func appendDecimal(_ value: Int) {
        if value >= 10 { appendDecimal(value / 10) }
        append(UInt8(ascii: "0") + UInt8(value % 10))
    }
}
