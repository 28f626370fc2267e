/// Reads the response to one request other than HEAD or CONNECT: a client's half of HTTP/1.1 (RFC 9112).
///
/// The owner of the socket keeps the unread bytes, as with `ConnectionState`: it shows them to `advance`, drops what
/// that consumed, and tells of the stream's end. Interim responses (RFC 9110 §15.2) are passed over.
package struct ResponseReader: Sendable {
    package enum Progress: Sendable, Equatable {
        /// More bytes are wanted.
        case partial
        case done(Received)
        case bad(ResponseFault)
    }

    /// A whole response.
    package struct Received: Sendable, Equatable {
        package var status: Int
        package var fields: Fields
        /// With its transfer coding undone.
        package var body: [UInt8]
        /// Whether the server lets the connection be used again (RFC 9112 §9.3).
        package var keepAlive: Bool
    }

    private let limits: Limits
    private var parser: ResponseParser
    /// Of the interim responses' heads.
    private var interimBytes = 0
    private var head: ResponseHead?
    private var body: BodyReader

    package init(limits: Limits) {
        self.limits = limits
        parser = ResponseParser(limits: limits)
        body = BodyReader(framing: .none, limits: limits)
    }

    /// Looks at the unread bytes: all of them, the ones shown before and not consumed included.
    ///
    /// - Returns: how many bytes at the front are used up, and what came of them. After `.done` and `.bad` the reader
    ///   is spent; bytes after the response's end are left alone.
    package mutating func advance(_ unread: Span<UInt8>) -> (consumed: Int, progress: Progress) {
        var consumed = 0
        while head == nil {
            switch parser.parse(unread.extracting(consumed..<unread.count)) {
            case .partial: return (consumed, .partial)
            case .bad(let error): return (consumed, .bad(parser.hasStatusLine ? ResponseFault(error) : .notHTTP))
            case .head(let next):
                consumed += next.length
                if let fault = take(next) { return (consumed, .bad(fault)) }
            }
        }
        let (used, progress) = body.read(unread.extracting(consumed..<unread.count))
        return (consumed + used, ended(progress))
    }

    /// The server has ended its stream.
    package mutating func endOfStream() -> Progress {
        guard let head, head.framing == .untilClose else { return .bad(.truncated) }
        return .done(received(head))
    }

    private mutating func take(_ next: ResponseHead) -> ResponseFault? {
        guard next.status < 200 else {
            head = next
            body = BodyReader(of: next, limits: limits)
            return nil
        }
        // RFC 9110 §15.2.2: an answer to an Upgrade field, which no request has.
        guard next.status != 101 else { return .malformed }
        interimBytes += next.length
        guard interimBytes <= limits.headerBytesMax else { return .tooLarge }
        parser = ResponseParser(limits: limits)
        return nil
    }

    private mutating func ended(_ progress: BodyProgress) -> Progress {
        guard let head else { return .partial }
        return switch progress {
        case .partial: .partial
        case .bad(let error): .bad(ResponseFault(error))
        // A body that goes on until the close has no other end but this.
        case .done: head.framing == .untilClose ? .bad(.tooLarge) : .done(received(head))
        }
    }

    private mutating func received(_ head: ResponseHead) -> Received {
        Received(status: head.status, fields: head.fields, body: body.take(), keepAlive: head.keepAlive)
    }
}

/// Why bytes are no response that can be used. None of them leaves a connection that could be.
package enum ResponseFault: Error, Sendable, Hashable, CaseIterable {
    /// They do not begin with a status line of HTTP/1.0 or HTTP/1.1.
    case notHTTP
    case malformed
    /// The header section or the body is over its limit.
    case tooLarge
    /// The stream ended before the response did.
    case truncated

    fileprivate init(_ error: ProtocolError) {
        self =
            switch error {
            case .contentTooLarge, .requestHeaderFieldsTooLarge, .uriTooLong: .tooLarge
            case .malformedRequest, .requestTimeout, .lengthRequired, .expectationFailed, .notImplemented,
                .httpVersionNotSupported:
                .malformed
            }
    }
}

extension BodyReader {
    /// Of a body that goes on until the close it reads as many bytes as there may be, and one more.
    fileprivate init(of head: ResponseHead, limits: Limits) {
        let framing: BodyFraming =
            switch head.framing {
            case .length(let length): .length(length)
            case .chunked: .chunked
            case .untilClose: .length(limits.bodyBytesMax + 1)
            }
        self.init(framing: framing, limits: limits)
    }
}
