/// One connection of an HTTP/1.1 server as a value: events go in, what to do comes out (RFC 9112 §9).
///
/// The owner of the socket keeps one buffer of unread bytes and runs this loop: show the buffer to `advance`, drop what
/// it consumed, do what it says. Requests are served strictly one after another; bytes of the next one wait in the
/// buffer meanwhile.
package struct ConnectionState: Sendable {
    package enum Action: Sendable, Equatable {
        /// Receive more bytes, then `advance`.
        case read
        /// The client waits for leave to send its body: if that is wanted, send `ResponseEncoder.encodeContinue`, then
        /// `advance` again, with or without new bytes; if not, `declineBody`. The request is shown as far as it came.
        case sendContinue(Request)
        /// Hand the request to its handler, send what it answers, then call `responseSent`.
        case serve(Request)
        /// Send the error's answer, then call `responseSent`, which ends the connection.
        case reject(ProtocolError)
        /// Nothing: an answer is under way, and what remains follows from `responseSent`.
        case wait
        /// Close without another byte.
        case close

        package var isRead: Bool { if case .read = self { true } else { false } }
        package var isClose: Bool { if case .close = self { true } else { false } }
    }

    /// What the peer owes; each has a timeout of its own, counted from the moment when this value is taken.
    package enum Awaited: Sendable, Equatable {
        /// The first request, before its first byte.
        case firstByte
        /// Another request, before its first byte.
        case idle
        case header
        case body
    }

    private enum Reading {
        case head
        /// Of this request, which has none yet.
        case body(Request)
        /// Until the response is sent; for ever where it is the last one.
        case paused
    }

    private enum Writing: Equatable {
        case idle
        case response(ResponseContext)
        case ended
    }

    /// Goes into every request; see `Request.clientCertificate`. To be set before the first byte.
    package var clientCertificate: ClientCertificate?

    private let clientAddress: String?
    private let trustedProxies: TrustedProxies
    private var requestsServed = 0
    /// Of the body under way, with its framing.
    private var bodyBytesReceived = 0
    private var reading = Reading.head
    private var writing = Writing.idle
    private var parser: RequestParser
    private var body: BodyReader
    private var owesContinue = false
    private var isDraining = false

    /// - Parameters:
    ///   - clientAddress: whoever is at the other end. Goes into every request; see `Request.clientAddress`.
    ///   - trustedProxies: if that is one of them, the client is whom its `X-Forwarded-For` names.
    package init(
        limits: Limits = Limits(), clientAddress: String? = nil, trustedProxies: TrustedProxies = TrustedProxies()
    ) {
        self.clientAddress = clientAddress
        self.trustedProxies = trustedProxies
        self.parser = RequestParser(limits: limits)
        self.body = BodyReader(framing: .none, limits: limits)
    }

    private var limits: Limits { parser.limits }

    /// What the peer owes now; nil while a response is under way and after the end.
    package var awaited: Awaited? {
        guard writing == .idle else { return nil }
        return switch reading {
        case .head: parser.hasStarted ? .header : requestsServed == 0 ? .firstByte : .idle
        case .body: .body
        case .paused: nil
        }
    }

    /// How long `awaited` may last, from its beginning; for a body it grows with what has come of it.
    package var timeout: Duration? {
        switch awaited {
        case .firstByte: isDraining ? limits.drainFirstByteTimeout : limits.firstByteTimeout
        case .idle: limits.idleTimeout
        case .header: limits.headerTimeout
        case .body: limits.bodyTimeout(bytesReceived: bodyBytesReceived)
        case nil: nil
        }
    }

    /// For encoding the response under way; nil where none is. Read it when the response is ready, not before: a drain
    /// that began meanwhile makes it the last one.
    package var responseContext: ResponseContext? {
        guard case .response(let context) = writing else { return nil }
        return context
    }

    // MARK: Events

    /// Looks at the unread bytes: all of them, the ones shown before and not consumed included.
    ///
    /// - Parameter now: becomes `Request.receivedAt` where a head ends in these bytes.
    /// - Returns: how many bytes at the front are used up, and what to do.
    package mutating func advance(
        _ unread: ArraySlice<UInt8>, at now: @autoclosure () -> ContinuousClock.Instant
    ) -> (consumed: Int, action: Action) {
        guard writing == .idle else { return (0, writing == .ended ? .close : .wait) }
        if case .body(let request) = reading {
            let (used, progress) = body.read(unread.span)
            let isWhole = progress == .done
            return (used, advanced(isWhole ? Request(request, body: body.take()) : request, used, progress))
        }
        switch parser.parse(unread) {
        case .partial:
            return (0, .read)
        case .bad(let error):
            return (0, reject(error))
        case .head(let head):
            body = BodyReader(framing: head.framing, limits: limits)
            let (used, progress) = body.read(unread.span.extracting(head.length..<unread.count))
            let request = Request(
                head, body: progress == .done ? body.take() : [], clientAddress: client(of: head.fields),
                clientCertificate: clientCertificate, receivedAt: now())
            bodyBytesReceived = 0
            // A client that has begun its body waits for no permission (RFC 9110 §10.1.1).
            owesContinue = head.expectsContinue && head.length == unread.count
            return (head.length + used, advanced(request, used, progress))
        }
    }

    /// Instead of leave to send the body: the request is served without it, as the connection's last, since nobody can
    /// tell whether the body comes nevertheless.
    package mutating func declineBody() -> Action {
        guard writing == .idle, case .body(let request) = reading else { return close() }
        let action = serve(request)
        _ = closeAfterResponse()
        return action
    }

    /// The peer sends no more. An answer under way is still sent: it may have shut down its sending half only.
    package mutating func endOfStream() -> Action {
        switch (writing, reading) {
        case (.ended, _):
            return .close
        case (.response, _):
            return closeAfterResponse()
        case (.idle, .body(let request)):
            return reject(.malformedRequest, of: request)
        case (.idle, _):
            return parser.hasStarted ? reject(.malformedRequest) : close()
        }
    }

    /// `timeout` has passed, or the peer does not take the response under way.
    package mutating func timedOut() -> Action {
        switch awaited {
        case .header:
            return reject(.requestTimeout)
        case .body:
            guard case .body(let request) = reading else { return close() }
            return reject(.requestTimeout, of: request)
        case .firstByte, .idle, nil:
            return close()
        }
    }

    /// The last byte of the response is sent.
    ///
    /// - Returns: `.close`, or `.read`: then `advance` with what is unread first, a pipelined request may wait there.
    package mutating func responseSent() -> Action {
        guard case .response(let context) = writing, !context.closes else { return close() }
        writing = .idle
        reading = .head
        parser.reset()
        return .read
    }

    /// The server stops: a request that has begun is finished, its response is the last. A connection without a
    /// request so far has `Limits.drainFirstByteTimeout` for one: look at `timeout` again.
    package mutating func drain() -> Action {
        isDraining = true
        switch writing {
        case .ended: return .close
        case .response: return closeAfterResponse()
        // A proxy that has just connected has a request to send, which may be under way.
        case .idle: return awaited == .idle ? close() : .read
        }
    }

    // MARK: Transitions

    /// - Parameters:
    ///   - request: with its body, where that is whole.
    ///   - used: so many bytes of its body have come now.
    private mutating func advanced(_ request: Request, _ used: Int, _ progress: BodyProgress) -> Action {
        bodyBytesReceived += used
        switch progress {
        case .partial:
            reading = .body(request)
            defer { owesContinue = false }
            return owesContinue ? .sendContinue(request) : .read
        case .bad(let error):
            return reject(error, of: request)
        case .done:
            return serve(request)
        }
    }

    private mutating func serve(_ request: Request) -> Action {
        reading = .paused
        requestsServed += 1
        let isLast = isDraining || !request.head.keepAlive || requestsServed >= limits.requestsMax
        writing = .response(
            ResponseContext(method: request.method, minorVersion: request.head.minorVersion, closes: isLast))
        return .serve(request)
    }

    private func client(of fields: Fields) -> String? {
        if trustedProxies.isEmpty { return clientAddress }
        let peer = clientAddress.flatMap(IPAddress.init)
        // A peer that has an address, and be it one that cannot be read, is not on a Unix socket.
        if clientAddress != nil, peer == nil { return clientAddress }
        return trustedProxies.client(of: fields, peer: peer)?.description
    }

    /// What follows a message whose end is unknown cannot be told from a request: nothing after it is read.
    private mutating func reject(_ error: ProtocolError, of request: Request? = nil) -> Action {
        reading = .paused
        writing = .response(
            ResponseContext(
                method: request?.method, minorVersion: request?.head.minorVersion ?? 1, closes: true))
        return .reject(error)
    }

    private mutating func closeAfterResponse() -> Action {
        guard case .response(var context) = writing else { return .close }
        context.closes = true
        writing = .response(context)
        return .wait
    }

    private mutating func close() -> Action {
        reading = .paused
        writing = .ended
        return .close
    }
}
