internal import EventLoop
internal import HTTP
internal import Transport

/// Reads the PROXY header that a connection begins with. Not a byte more is taken: what follows may be TLS.
final class ProxyPreamble: ServedConnection {
    private let transport: PlainTransport
    private let loop: EventLoop
    private let timeout: Duration
    private var isOver = false
    private var isDraining = false

    init(_ transport: PlainTransport, on loop: EventLoop, timeout: Duration) {
        self.transport = transport
        self.loop = loop
        self.timeout = timeout
    }

    /// - Returns: the connection as its client's; nil where there was no good header in time: then it is closed.
    func run() async -> Listener.Accepted? {
        let timer = LoopTimer(on: loop) { [unowned self] in abandon() }
        timer.set(.now + timeout)
        let header = await header()
        timer.cancel()
        guard let header, !isOver else {
            transport.close()
            return nil
        }
        transport.discard(header.length)
        return transport.release(peerAddress: header.client?.description ?? transport.peerAddress)
    }

    private func header() async -> ProxyHeader? {
        var room = [UInt8](repeating: 0, count: ProxyHeader.version2BytesMax)
        var seen = 0
        while !isOver {
            switch transport.peek(into: &room) {
            case .done(let count) where count > seen:
                seen = count
                switch ProxyHeader.parse(room.span.extracting(0..<count)) {
                case .partial: continue
                case .bad: return nil
                case .header(let header): return header
                }
            case .done: _ = await transport.wait(for: .read)
            case .needsRead:
                if isDraining { return nil }
                _ = await transport.wait(for: .read)
            case .needsWrite, .closed: return nil
            }
        }
        return nil
    }

    func announceClose() {}

    /// A proxy sends its header when it has a request to send: what has begun is finished.
    func drain() {
        isDraining = true
        transport.interrupt()
    }

    func abandon() {
        isOver = true
        transport.interrupt()
    }
}
