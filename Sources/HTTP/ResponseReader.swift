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
    private var parser = ResponseParser()
    /// Of the interim responses' heads.
    private var interimBytes = 0
    private var head: ResponseHead?
    /// Of a body that does not come with its head, or in chunks.
    private var body: BodyReader?

    package init(limits: Limits) {
        self.limits = limits
    }

    /// Reads another response from its start, whatever came of the last one.
    package mutating func reset() {
        parser = ResponseParser()
        interimBytes = 0
        head = nil
        body = nil
    }

    /// Looks at the unread bytes: all of them, the ones shown before and not consumed included.
    ///
    /// - Returns: how many bytes at the front are used up, and what came of them. After `.done` and `.bad` the reader
    ///   is spent; bytes after the response's end are left alone.
    package mutating func advance(_ unread: Span<UInt8>) -> (consumed: Int, progress: Progress) {
        var consumed = 0
        while head == nil {
            switch parser.parse(unread.extracting(consumed..<unread.count), limits) {
            case .partial: return (consumed, .partial)
            case .bad(let error): return (consumed, .bad(parser.hasStatusLine ? ResponseFault(error) : .notHTTP))
            case .head(let next):
                consumed += next.length
                if let fault = take(next) { return (consumed, .bad(fault)) }
            }
        }
        guard let head else { return (consumed, .partial) }
        if body == nil, case .length(let length) = head.framing, length <= unread.count - consumed {
            let end = consumed + length
            return (end, .done(Received(head, body: unread.copy(consumed..<end))))
        }
        var reader = body.take() ?? BodyReader(of: head, limits: limits)
        let (used, progress) = reader.read(unread.extracting(consumed..<unread.count))
        defer { body = reader }
        switch progress {
        case .partial: return (consumed + used, .partial)
        case .bad(let error): return (consumed + used, .bad(ResponseFault(error)))
        // A body that goes on until the close has no other end but this.
        case .done where head.framing == .untilClose: return (consumed + used, .bad(.tooLarge))
        case .done: return (consumed + used, .done(Received(head, body: reader.take())))
        }
    }

    /// The server has ended its stream.
    package mutating func endOfStream() -> Progress {
        guard let head, head.framing == .untilClose else { return .bad(.truncated) }
        return .done(Received(head, body: body?.take() ?? []))
    }

    private mutating func take(_ next: ResponseHead) -> ResponseFault? {
        guard next.status < 200 else {
            head = next
            return nil
        }
        // RFC 9110 §15.2.2: an answer to an Upgrade field, which no request has.
        guard next.status != 101 else { return .malformed }
        interimBytes += next.length
        guard interimBytes <= limits.headerBytesMax else { return .tooLarge }
        parser = ResponseParser()
        return nil
    }
}

extension ResponseReader.Received {
    fileprivate init(_ head: ResponseHead, body: [UInt8]) {
        self.init(status: head.status, fields: head.fields, body: body, keepAlive: head.keepAlive)
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
