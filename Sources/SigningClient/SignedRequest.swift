internal import HTTP
internal import SigV4

/// One attempt's request.
struct SignedRequest {
    let head: HeadTemplate
    let body: [UInt8]
    let invocationID: InvocationID
    /// From 1 on.
    let attempt: Int

    /// As it goes over a connection to the host itself (RFC 9112 §3).
    var bytes: [UInt8] { head.bytes(of: self) }

    /// All but those that follow from the body.
    var headers: [(name: String, value: String)] { head.headers(of: self) }
}

/// The heads of one client's requests: written once for all that differ in nothing but their bodies, their ids and the
/// number of the attempt, as signed requests of one second do. For use on the client's loop only.
final class HeadTemplate {
    /// Whether each header is a line, and will be the one that it seems to be (RFC 9110 §5.5).
    let isValid: Bool

    private let target: String
    private let credentials: Credentials?
    private let time: Timestamp
    private let headers: [(name: String, value: String)]
    private let userAgent: String
    private let attemptsMax: Int
    private var signature: PreparedSignature?
    /// Up to the attempt's number, with room for the signature and for the id.
    private var beginning: [UInt8]
    private let signatureStart: Int
    private let idStart: Int
    /// From there up to the body's length.
    private let ending: [UInt8]

    private static let idName = "amz-sdk-invocation-id"
    private static let attemptName = "amz-sdk-request"
    private static let numbersBytesMax = 40

    /// - Parameters:
    ///   - headers: those that are signed, in their order.
    ///   - signature: nil: the requests go unsigned.
    init(
        of target: String, _ credentials: Credentials?, _ time: Timestamp, _ headers: [(name: String, value: String)],
        signature: PreparedSignature?, userAgent: String, attemptsMax: Int
    ) {
        self.target = target
        self.credentials = credentials
        self.time = time
        self.headers = headers
        self.signature = signature
        self.userAgent = userAgent
        self.attemptsMax = attemptsMax
        var lines = headers
        if let signature { lines += signature.added + [(name: "Authorization", value: signature.authorization)] }
        isValid = (lines + [(name: "User-Agent", value: userAgent)]).allSatisfy(isHeader)
        var bytes = Array("POST / HTTP/1.1".utf8)
        for (name, value) in lines { bytes.append(contentsOf: "\r\n\(name): \(value)".utf8) }
        signatureStart = bytes.count
        if signature != nil { bytes += [UInt8](repeating: 0, count: Signature.digitCount) }
        bytes.append(contentsOf: "\r\n\(Self.idName): ".utf8)
        idStart = bytes.count
        bytes += [UInt8](repeating: 0, count: InvocationID.digitCount)
        bytes.append(contentsOf: "\r\n\(Self.attemptName): attempt=".utf8)
        beginning = bytes
        ending = Array("; max=\(attemptsMax)\r\nUser-Agent: \(userAgent)\r\nContent-Length: ".utf8)
    }

    func isOf(_ target: String, _ credentials: Credentials?, _ time: Timestamp) -> Bool {
        time == self.time && target == self.target && credentials == self.credentials
    }

    fileprivate func bytes(of request: SignedRequest) -> [UInt8] {
        if let signature = signature?.signature(of: request.body.span) {
            beginning.overwrite(at: signatureStart, with: signature.digits.span)
        }
        beginning.overwrite(at: idStart, with: request.invocationID.digits.span)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(beginning.count + ending.count + Self.numbersBytesMax + request.body.count)
        bytes.append(contentsOf: beginning)
        bytes.append(decimal: request.attempt)
        bytes.append(contentsOf: ending)
        bytes.append(decimal: request.body.count)
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        bytes.append(contentsOf: request.body)
        return bytes
    }

    fileprivate func headers(of request: SignedRequest) -> [(name: String, value: String)] {
        var headers = headers
        if let code = signature?.signature(of: request.body.span), let signature {
            headers += signature.added
            headers.append((name: "Authorization", value: signature.authorization + code.text))
        }
        return headers + [
            (name: Self.idName, value: request.invocationID.text),
            (name: Self.attemptName, value: "attempt=\(request.attempt); max=\(attemptsMax)"),
            (name: "User-Agent", value: userAgent),
        ]
    }
}
