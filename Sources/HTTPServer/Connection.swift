internal import EventLoop
internal import HTTP
internal import Transport

/// Runs what `ConnectionState` says over a transport.
final class Connection<Stream: Transport, Service: Handler> {
    /// A client that still sends after its last answer: so much is read and dropped, so that it reads the answer
    /// instead of a reset (RFC 9112 §9.6).
    private static var lingerBytesMax: Int { 1 << 20 }
    private static var lingerTimeout: Duration { .seconds(2) }
    /// Room for an answer that a connection keeps for its next one.
    private static var outputBytesKept: Int { 4096 }

    private let transport: Stream
    private let loop: EventLoop
    private let handler: Service
    private let limits: Limits
    private let date: DateField
    private let servingChanged: (Int) -> Void

    private var state: ConnectionState
    private var buffer: ReceiveBuffer
    private var output: [UInt8] = []
    /// What the timer runs for, and whether it has run out.
    private var awaited: ConnectionState.Awaited?
    private var isExpired = false
    private var timer: LoopTimer?
    private var isDraining = false
    /// Whether bytes were read since the last wait.
    private var hasHadTurn = false

    /// - Parameter servingChanged: is called with 1 when a request begins to be served and -1 when it is answered.
    init(
        over transport: Stream, on loop: EventLoop, handler: Service, limits: Limits, date: DateField,
        servingChanged: @escaping (Int) -> Void
    ) {
        self.transport = transport
        self.loop = loop
        self.handler = handler
        self.limits = limits
        self.date = date
        self.servingChanged = servingChanged
        state = ConnectionState(limits: limits, clientAddress: transport.peerAddress)
        buffer = ReceiveBuffer(capacityMax: limits.requestLineBytesMax + limits.headerBytesMax + 1024)
    }

    /// Serves the connection to its end.
    func run() async {
        let timer = LoopTimer(on: loop) { [unowned self] in expire() }
        self.timer = timer
        var action = ConnectionState.Action.read
        while action != .close {
            action = await perform(action)
        }
        timer.cancel()
        transport.close()
    }

    /// The server drains: what is under way is finished. A request that nobody has read yet is under way too, so the
    /// state learns of the drain only where there is nothing to read, and before an answer.
    func drain() {
        isDraining = true
        transport.interrupt()
    }

    /// The time is up: what is under way is cut off.
    func abandon() {
        _ = state.timedOut()
        transport.close()
    }

    private func perform(_ action: ConnectionState.Action) async -> ConnectionState.Action {
        switch action {
        case .read:
            return await receive()
        case .sendContinue:
            output.removeAll(keepingCapacity: true)
            ResponseEncoder.encodeContinue(into: &output)
            return await send() ? advance() : .close
        case .serve(let request):
            servingChanged(1)
            let response = await handler.respond(to: request)
            defer { servingChanged(-1) }
            guard await answer(response) else { return .close }
            let next = state.responseSent()
            if next == .close, hasMoreComing { await linger() }
            return next
        case .reject(let error):
            if await answer(handler.reject(error)) { await linger() }
            return .close
        case .wait, .close:
            return .close
        }
    }

    // MARK: Reading

    /// Reads until the state has something to do.
    private func receive() async -> ConnectionState.Action {
        var action = advance()
        while action == .read {
            setTimer()
            switch transport.read(into: &buffer) {
            case .done:
                await takeTurns()
                action = advance()
            case .closed: action = state.endOfStream()
            case .needsRead: action = await wait(for: .read)
            case .needsWrite: action = await wait(for: .write)
            }
        }
        return action
    }

    private func advance() -> ConnectionState.Action {
        let (consumed, action) = state.advance(buffer.bytes.span.extracting(buffer.unread), at: .now)
        buffer.consume(consumed)
        return action
    }

    private func wait(for direction: Readiness.Direction) async -> ConnectionState.Action {
        if isDraining, state.drain() != .read { return .close }
        hasHadTurn = false
        // The time may have run out while others had their turn, when there was no wait to interrupt.
        if !isExpired { _ = await transport.wait(for: direction) }
        return isExpired ? state.timedOut() : .read
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
        if isDraining { _ = state.drain() }
        guard !response.isWithheld, let context = state.responseContext else { return false }
        output.removeAll(keepingCapacity: true)
        ResponseEncoder.encode(response, for: context, date: date.now, into: &output)
        defer { if output.capacity > Self.outputBytesKept { output = [] } }
        return await send()
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
        guard state.awaited != awaited else { return }
        awaited = state.awaited
        isExpired = false
        if let timeout = state.timeout { timer?.set(.now + timeout) } else { timer?.clear() }
    }

    private func expire() {
        isExpired = true
        transport.interrupt()
    }
}
