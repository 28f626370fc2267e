internal import EventLoop
internal import HTTP
internal import Transport

/// Runs what `ConnectionState` says over a transport.
final class Connection<Stream: Transport, Service: Handler>: ServedConnection {
    /// A client that still sends after its last answer: so much is read and dropped, so that it reads the answer
    /// instead of a reset (RFC 9112 §9.6).
    private static var lingerBytesMax: Int { 1 << 20 }
    private static var lingerTimeout: Duration { .seconds(2) }
    private let transport: Stream
    private let loop: EventLoop
    private let handler: Service
    private let limits: Limits
    private let date: DateField
    private let gate: OverloadGate?
    private let servingChanged: (Int) -> Void

    private var state: ConnectionState
    private var buffer: ReceiveBuffer
    private var output: [UInt8] = []
    /// What the timer runs for, and whether it has run out.
    private var awaited: ConnectionState.Awaited?
    private var awaitedSince = ContinuousClock.now
    private var timeout: Duration?
    private var isExpired = false
    private var timer: LoopTimer?
    /// Of the request whose body was declined for it.
    private var refusal: OverloadRule.Refusal?
    private var isDraining = false
    private var announcesClose = false
    /// The body that is being sent bit by bit.
    private var stream: (any BodyStream)?
    /// Whether bytes were read since the last wait.
    private var hasHadTurn = false

    /// - Parameters:
    ///   - trustedProxies: see `ConnectionState`.
    ///   - gate: nil: no request is refused for overload.
    ///   - servingChanged: is called with 1 when a request begins to be served and -1 when it is answered.
    init(
        over transport: Stream, on loop: EventLoop, handler: Service, limits: Limits,
        trustedProxies: TrustedProxies = TrustedProxies(), date: DateField, gate: OverloadGate? = nil,
        servingChanged: @escaping (Int) -> Void
    ) {
        self.transport = transport
        self.loop = loop
        self.handler = handler
        self.limits = limits
        self.date = date
        self.gate = gate
        self.servingChanged = servingChanged
        state = ConnectionState(limits: limits, clientAddress: transport.peerAddress, trustedProxies: trustedProxies)
        buffer = ReceiveBuffer(capacityMax: limits.receiveBytesMax)
    }

    /// Serves the connection to its end.
    func run() async {
        let timer = LoopTimer(on: loop) { [unowned self] in expire() }
        self.timer = timer
        if await open() {
            var action = ConnectionState.Action.read
            while !action.isClose {
                // Most of its life a connection waits in `receive`: the fewer calls deep, the less memory that takes.
                action = action.isRead ? await receive() : await perform(action)
            }
        }
        timer.cancel()
        transport.close()
        buffer.consume(buffer.unread.count)
    }

    func announceClose() {
        announcesClose = true
    }

    /// A request that nobody has read yet is under way too, so the
    /// state learns of the drain only where there is nothing to read, and before an answer.
    func drain() {
        isDraining = true
        // It has no end of its own to wait for, nor does a peer that is slow to take it.
        if let stream {
            stream.end()
            isExpired = true
        }
        transport.interrupt()
    }

    func abandon() {
        _ = state.timedOut()
        stream?.end()
        transport.close()
    }

    private func perform(_ action: ConnectionState.Action) async -> ConnectionState.Action {
        switch action {
        case .sendContinue(let request):
            refusal = await gate?.refusal()
            guard refusal == nil, handler.wantsBody(of: request) else { return state.declineBody() }
            output.removeAll(keepingCapacity: true)
            ResponseEncoder.encodeContinue(into: &output)
            return await send() ? advance() : .close
        case .serve(let request):
            if refusal == nil { refusal = await gate?.refusal() }
            if let refusal = refusal.take() { return await refuse(request, refusal) }
            servingChanged(1)
            gate?.began()
            let response = await respond(to: request)
            defer {
                gate?.ended()
                servingChanged(-1)
            }
            return await finish(response)
        case .reject(let error):
            if await answer(handler.reject(error)) { await linger() }
            return .close
        case .read, .wait, .close:
            return .close
        }
    }

    private func refuse(_ request: Request, _ refusal: OverloadRule.Refusal) async -> ConnectionState.Action {
        // Meanwhile nothing more is read of the connection.
        if refusal.pause > .zero { await loop.pause(for: refusal.pause) }
        return await finish(handler.refuse(request, refusal.reason, retryAfter: refusal.retryAfter))
    }

    private func finish(_ response: Response) async -> ConnectionState.Action {
        let isSent = await answer(response)
        if let stream = response.stream { return await send(stream, afterHead: isSent) }
        guard isSent else { return .close }
        let next = responseSent()
        if next.isClose, hasMoreComing { await linger() }
        return next
    }

    /// In a task of its own: a task keeps the memory of its deepest call to its end, and the connection's is there for
    /// as long as the connection, which is idle most of the time.
    private func respond(to request: Request) async -> Response {
        await Suspension.wait { suspension in
            loop.spawn { [handler] in suspension.resume(returning: await handler.respond(to: request)) }
        }
    }

    // MARK: State

    // An async function that calls the state keeps room for a copy of it as long as it waits, and one of these always
    // does: they call these instead.

    private func advance() -> ConnectionState.Action {
        let (consumed, action) = state.advance(buffer.bytes.span.extracting(buffer.unread), at: .now)
        buffer.consume(consumed)
        return action
    }

    private func endOfStream() -> ConnectionState.Action { state.endOfStream() }
    private func timedOut() -> ConnectionState.Action { state.timedOut() }
    private func responseSent() -> ConnectionState.Action { state.responseSent() }
    private func drainState() -> ConnectionState.Action { state.drain() }

    // MARK: Opening

    /// Sets the transport up.
    /// - Returns: whether requests may come.
    private func open() async -> Bool {
        timer?.set(.now + limits.handshakeTimeout)
        defer { timer?.clear() }
        while !isExpired {
            switch transport.open() {
            case .done:
                state.clientCertificate = transport.peerCertificate.map(ClientCertificate.init)
                return true
            case .needsRead: _ = await transport.wait(for: .read)
            case .needsWrite: _ = await transport.wait(for: .write)
            case .failed:
                await linger()
                return false
            case .failedAsHTTP:
                if await answerInTheClear() { await linger() }
                return false
            }
        }
        return false
    }

    /// Whoever speaks HTTP to a port for HTTPS is told so in the language that it understands.
    private func answerInTheClear() async -> Bool {
        let answer = Response(
            status: 400, fields: [("Content-Type", "text/plain; charset=utf-8")],
            body: Array("This port takes HTTPS, and the request came as plain HTTP.\n".utf8))
        output.removeAll(keepingCapacity: true)
        ResponseEncoder.encode(
            answer, for: ResponseContext(method: nil, closes: true), date: date.now, into: &output)
        return await send()
    }

    // MARK: Reading

    /// Reads until the state has something to do.
    private func receive() async -> ConnectionState.Action {
        var action = advance()
        while action.isRead {
            setTimer()
            switch transport.read(into: &buffer) {
            case .done:
                await takeTurns()
                action = advance()
            case .closed: action = endOfStream()
            case .needsRead: action = await wait(for: .read)
            case .needsWrite: action = await wait(for: .write)
            }
        }
        return action
    }

    private func wait(for direction: Readiness.Direction) async -> ConnectionState.Action {
        if isDraining {
            guard drainState().isRead else { return .close }
            setTimer()
        }
        hasHadTurn = false
        if awaited == .idle || awaited == .firstByte { releaseBuffers() }
        // The time may have run out while others had their turn, when there was no wait to interrupt.
        if !isExpired { _ = await transport.wait(for: direction) }
        return isExpired ? timedOut() : .read
    }

    /// Connections are idle most of the time, and there are thousands.
    private func releaseBuffers() {
        buffer.release()
        output = []
    }

    /// A client that sends without a pause would keep the loop to itself: after each read without a wait before it
    /// comes whatever else is due.
    private func takeTurns() async {
        if hasHadTurn { await Task.yield() }
        hasHadTurn = true
    }

    // MARK: Writing

    /// - Returns: whether it is sent.
    private func answer(_ response: Response) async -> Bool {
        guard encode(response), await send() else { return false }
        return response.withheldBytes == 0
    }

    /// - Returns: whether there is something to send.
    private func encode(_ response: Response) -> Bool {
        if isDraining || announcesClose { _ = state.drain() }
        guard let context = state.responseContext else { return false }
        output.removeAll(keepingCapacity: true)
        let status = ResponseEncoder.encode(response, for: context, date: date.now, into: &output)
        // It has gone as another one, which has no stream.
        if status != response.status { response.stream?.end() }
        output.removeLast(min(response.withheldBytes, output.count))
        return true
    }

    /// - Returns: whether all of `output` is sent.
    private func send() async -> Bool {
        var sent = 0
        awaited = nil
        isExpired = false
        timer?.set(.now + limits.writeTimeout)
        defer { timer?.clear() }
        while sent < output.count, !isExpired {
            switch transport.write(output, from: sent) {
            case .done(let count): sent += count
            case .closed: return false
            case .needsRead: _ = await transport.wait(for: .read)
            case .needsWrite: _ = await transport.wait(for: .write)
            }
        }
        return sent == output.count
    }

    private func send(_ stream: any BodyStream, afterHead isHeadSent: Bool) async -> ConnectionState.Action {
        self.stream = stream
        if !isHeadSent || isDraining || state.responseContext?.method == .head { stream.end() }
        while let bytes = await stream.next() {
            output = bytes
            guard !isDraining, await send() else { break }
        }
        stream.end()
        self.stream = nil
        return .close
    }

    private var hasMoreComing: Bool {
        if !buffer.unread.isEmpty { return true }
        if case .done = transport.read(into: &buffer) { return true }
        return false
    }

    private func linger() async {
        transport.endWriting()
        isExpired = false
        timer?.set(.now + Self.lingerTimeout)
        var dropped = 0
        while dropped < Self.lingerBytesMax, !isExpired {
            buffer.consume(buffer.unread.count)
            switch transport.read(into: &buffer) {
            case .done(let count): dropped += count
            case .closed: return
            case .needsRead: _ = await transport.wait(for: .read)
            case .needsWrite: _ = await transport.wait(for: .write)
            }
        }
    }

    // MARK: Deadlines

    /// Each thing that the peer owes has its whole timeout, however many reads it takes.
    private func setTimer() {
        let isSame = state.awaited == awaited
        if isSame, state.timeout == timeout { return }
        if !isSame {
            awaited = state.awaited
            awaitedSince = .now
            isExpired = false
        }
        timeout = state.timeout
        if let timeout { timer?.set(awaitedSince + timeout) } else { timer?.clear() }
    }

    private func expire() {
        isExpired = true
        transport.interrupt()
    }
}

extension ClientCertificate {
    fileprivate init(_ peer: PeerCertificate) {
        self.init(subject: peer.subject, dnsNames: peer.dnsNames, uris: peer.uris)
    }
}
