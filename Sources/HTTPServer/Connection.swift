internal import EventLoop
internal import HTTP
internal import Transport

/// Runs what `ConnectionState` says over a transport.
///
/// Between requests it sleeps: no task is there for it until its transport wakes it.
final class Connection: ServedConnection, Job, Sleeper {
    /// A client that still sends after its last answer: so much is read and dropped, so that it reads the answer
    /// instead of a reset (RFC 9112 §9.6).
    private static let lingerBytesMax = 1 << 20
    private static let lingerTimeout = Duration.seconds(2)
    private let transport: any Transport
    private let commons: Commons
    private let changed: (Connection, Change) -> Void

    private var state: ConnectionState
    private var buffer: ReceiveBuffer
    private var isOpen = false
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

    /// What its server is told.
    enum Change {
        /// A request begins to be served.
        case began
        /// It is answered.
        case answered
        case ended
    }

    init(over transport: any Transport, _ commons: Commons, changed: @escaping (Connection, Change) -> Void) {
        self.transport = transport
        self.commons = commons
        self.changed = changed
        state = ConnectionState(
            limits: commons.limits, clientAddress: transport.peerAddress, trustedProxies: commons.trustedProxies)
        buffer = ReceiveBuffer(capacityMax: commons.limits.receiveBytesMax, spare: commons.spareRoom)
        timer = LoopTimer(on: commons.loop) { [unowned self] in expire() }
    }

    /// Serves the connection until it sleeps or has ended.
    func run() async {
        if !isOpen {
            isOpen = await open()
            if !isOpen { return end() }
        }
        var action = isExpired ? state.timedOut() : .read
        while true {
            switch action {
            case .read:
                switch receive() {
                case .next(let next): action = next
                case .turn: await Task.yield()
                case .blocked(let direction):
                    if let next = beginWait() {
                        action = next
                    } else {
                        if isIdle, direction == .read, transport.whenReadable(wake: self) { return }
                        action = await wait(for: direction)
                    }
                }
            case .sendContinue(let request): action = await sendContinue(request)
            case .serve(let request): action = await serve(request)
            case .reject(let error):
                if await answer(commons.handler.reject(error)) { await linger() }
                return end()
            case .wait, .close: return end()
            }
        }
    }

    func wake() {
        commons.tasks.run(self)
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

    private func end() {
        timer?.cancel()
        transport.close()
        buffer.consume(buffer.unread.count)
        changed(self, .ended)
    }

    // MARK: Serving

    private func sendContinue(_ request: Request) async -> ConnectionState.Action {
        if let gate = commons.gate, !gate.isOpen() { refusal = await gate.refusal() }
        guard refusal == nil, commons.handler.wantsBody(of: request) else { return state.declineBody() }
        var output: [UInt8] = []
        ResponseEncoder.encodeContinue(into: &output)
        return await send(output) ? .read : .close
    }

    private func serve(_ request: Request) async -> ConnectionState.Action {
        if refusal == nil, let gate = commons.gate, !gate.isOpen() { refusal = await gate.refusal() }
        if let refusal = refusal.take() { return await refuse(request, refusal) }
        changed(self, .began)
        commons.gate?.began()
        defer {
            commons.gate?.ended()
            changed(self, .answered)
        }
        return await finish(await commons.handler.respond(to: request))
    }

    private func refuse(_ request: Request, _ refusal: OverloadRule.Refusal) async -> ConnectionState.Action {
        // Meanwhile nothing more is read of the connection.
        if refusal.pause > .zero { await commons.loop.pause(for: refusal.pause) }
        return await finish(commons.handler.refuse(request, refusal.reason, retryAfter: refusal.retryAfter))
    }

    private func finish(_ response: Response) async -> ConnectionState.Action {
        let isSent = await answer(response)
        if let stream = response.stream { return await send(stream, afterHead: isSent) }
        guard isSent else { return .close }
        let next = state.responseSent()
        if next.isClose, hasMoreComing { await linger() }
        return next
    }

    // MARK: Opening

    /// Sets the transport up.
    /// - Returns: whether requests may come.
    private func open() async -> Bool {
        timer?.set(.now + commons.limits.handshakeTimeout)
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
        var output: [UInt8] = []
        ResponseEncoder.encode(
            answer, for: ResponseContext(method: nil, closes: true), date: commons.date.now, into: &output)
        return await send(output)
    }

    // MARK: Reading

    private enum Receipt {
        /// Something else is to be done than to read.
        case next(ConnectionState.Action)
        case blocked(Readiness.Direction)
        /// A client that sends without a pause would keep the loop to itself: after each read without a wait before it
        /// comes whatever else is due.
        case turn
    }

    private func receive() -> Receipt {
        while true {
            let action = advance()
            guard action.isRead else { return .next(action) }
            // Before a drain closes it, the system is asked: what has come has not shown as an event yet perhaps.
            switch transport.isDrained && !isDraining ? .needsRead : transport.read(into: &buffer) {
            case .done where hasHadTurn: return .turn
            case .done: hasHadTurn = true
            case .closed: return .next(state.endOfStream())
            case .needsRead: return .blocked(.read)
            case .needsWrite: return .blocked(.write)
            }
        }
    }

    private func advance() -> ConnectionState.Action {
        let (consumed, action) = state.advance(buffer.bytes[buffer.unread], at: .now)
        buffer.consume(consumed)
        return action
    }

    /// For looking at the state: a getter would be called on a copy of it.
    private func withState<Value>(_ body: (inout ConnectionState) -> Value) -> Value { body(&state) }

    /// Whether it waits for a request to begin. Connections do so most of the time, and there are thousands.
    private var isIdle: Bool { awaited == .idle || awaited == .firstByte }

    /// - Returns: what is to be done instead of a wait; nil: nothing.
    private func beginWait() -> ConnectionState.Action? {
        if isDraining, !state.drain().isRead { return .close }
        setTimer()
        hasHadTurn = false
        // The time may have run out while others had their turn, when there was no wait to interrupt.
        return isExpired ? state.timedOut() : nil
    }

    private func wait(for direction: Readiness.Direction) async -> ConnectionState.Action {
        _ = await transport.wait(for: direction)
        return isExpired ? state.timedOut() : .read
    }

    // MARK: Writing

    /// - Returns: whether it is sent.
    private func answer(_ response: Response) async -> Bool {
        guard encode(response) else { return false }
        let sent = writeOutput()
        if sent < commons.output.count {
            let rest = Array(commons.output[sent...])
            guard await send(rest) else { return false }
        }
        return response.withheldBytes == 0
    }

    /// Puts an answer into the common output.
    /// - Returns: whether there is something to send.
    private func encode(_ response: Response) -> Bool {
        if isDraining || announcesClose { _ = state.drain() }
        guard let context = withState({ $0.responseContext }) else { return false }
        commons.output.removeAll(keepingCapacity: true)
        let status = ResponseEncoder.encode(response, for: context, date: commons.date.now, into: &commons.output)
        // It has gone as another one, which has no stream.
        if status != response.status { response.stream?.end() }
        if response.withheldBytes > 0 {
            commons.output.removeLast(min(response.withheldBytes, commons.output.count))
        }
        return true
    }

    /// Sends what the system takes of the common output at once: as a rule that is all.
    /// - Returns: how many bytes it was.
    private func writeOutput() -> Int {
        awaited = nil
        isExpired = false
        guard !commons.output.isEmpty, case .done(let count) = transport.write(commons.output, from: 0) else {
            return 0
        }
        return count
    }

    /// - Returns: whether all of it is sent.
    private func send(_ output: [UInt8]) async -> Bool {
        var sent = 0
        awaited = nil
        isExpired = false
        timer?.set(.now + commons.limits.writeTimeout)
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
            guard !isDraining, await send(bytes) else { break }
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
        let (awaited, timeout) = withState { ($0.awaited, $0.timeout) }
        let isSame = awaited == self.awaited
        if isSame, timeout == self.timeout { return }
        if !isSame {
            self.awaited = awaited
            awaitedSince = .now
            isExpired = false
        }
        self.timeout = timeout
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
